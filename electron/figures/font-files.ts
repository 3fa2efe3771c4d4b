/** Which files of the font figures need. */

/** Parts of the font, with the characters of each. */
export const FONT_PARTS = {
  latin: 'U+0000-00FF,U+2000-206F,U+2190-2193,U+2212',
  'latin-ext': 'U+0100-02BA',
  greek: 'U+0370-03FF',
} as const;
export type FontPart = keyof typeof FONT_PARTS;
export const ALL_FONT_PARTS = Object.keys(FONT_PARTS) as FontPart[];

export const fontFileName = (part: FontPart): string => `inter-${part}-wght-normal.woff2`;

/** Where they are in a checkout; the bundled app has them beside itself, in `fonts`. */
export const FONT_PACKAGE = '@fontsource-variable/inter/files';
