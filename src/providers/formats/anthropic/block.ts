/** A content block, or another part of a request that is being written. */
export type Block = Record<string, unknown>;
