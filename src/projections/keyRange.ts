/** The keys that begin with a prefix which ends in an ASCII character: from it, below the same with its end one higher. */
export const prefixed = (prefix: string): { readonly from: string; readonly below: string } => ({
  from: prefix,
  below: prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1),
});
