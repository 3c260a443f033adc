/**
 * A personal datum or secret, encrypted once by the command handler (AES-256-GCM, event id and field name as
 * associated data) under the key of the subject that it belongs to. It travels sealed everywhere and is opened
 * only while an answer is made; once the subject's key is destroyed it reads as erased.
 */
export type Sealed = {
  /** The subject whose key opens it: `account:<id>`, `namespace:<id>` or `activity:<yyyymm>`. */
  readonly subject: string;
  /** Base64url of nonce (12 bytes), ciphertext and tag (16 bytes). */
  readonly box: string;
};
