/**
 * How long the other side may take over what it no longer needs before that is a hazard: the first
 * delay of Linux's asynchronous grant unmap (`GNTTAB_UNMAP_REFS_DELAY`, 5 ms).
 */
export const PATIENCE_PS = 5_000_000_000;
