/** What the command was asked cannot be done; the message is for the person who asked. */
export class Refused extends Error {}
