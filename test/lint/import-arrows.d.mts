/** Types of the rule, which is plain JavaScript because the lint configuration is. */
export function wrongImport(file: string, source: string): string | undefined;
export const importArrows: object;
