/** Told what went wrong in the background, and of what. */
export type Failed = (what: string, error: unknown) => void;
