/**
 * The width and the styles of text for a terminal. Every command loads this module, so it imports nothing.
 *
 * @module
 */

/** How text is laid out and styled. */
export interface TextStyle {
  /** The width in characters; `Infinity` for no limit. */
  readonly columns: number;
  /** Whether text has ANSI styles: bold, dim, colours. */
  readonly colour: boolean;
}

/** Text of any width without styles. */
export const PLAIN: TextStyle = { columns: Infinity, colour: false };

const CODES = { bold: 1, dim: 2, red: 31, yellow: 33 } as const;

/** Returns text with an ANSI style if the text style has colour, else the text itself. */
export function paint(text: string, style: keyof typeof CODES, { colour }: Pick<TextStyle, "colour">): string {
  return colour ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text;
}

/**
 * Returns a text of a data set, an id or a title for example, without control characters: a terminal would obey them.
 */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ");
}
