/** Types of `node-guard.mjs`, which is plain JavaScript for the sake of old Nodes. */
export function isGoodNode(candidate: {
  readonly features: { readonly typescript?: unknown };
  readonly versions: { readonly napi?: string | undefined };
}): boolean;
export function bundledNode(
  root: string,
  platform: NodeJS.Platform,
  arch: string,
): string | undefined;
export function withGoodNode(main: () => Promise<unknown>): Promise<void>;
