/**
 * Values that show themselves in consoles and notebooks.
 *
 * @module
 */

/** The ways in which a value shows itself. */
export interface Display {
  /** Returns the text for `console.log`, and for notebooks without pictures. */
  readonly text: () => string;
  /** Returns further forms for a Jupyter notebook, by media type; none by default. */
  readonly forms?: (() => Readonly<Record<string, string>>) | undefined;
}

/**
 * Gives a value the methods by which Deno, Node and Deno's Jupyter kernel show it, and returns it. They are not
 * enumerable: the value stays plain, and a copy by `{ ...value }` does not have them.
 */
export function displayed<T extends object>(value: T, { text, forms = () => ({}) }: Display): T {
  const hidden = (value: () => unknown) => ({ value, enumerable: false });
  return Object.defineProperties(value, {
    [Symbol.for("Deno.customInspect")]: hidden(text),
    [Symbol.for("nodejs.util.inspect.custom")]: hidden(text),
    [Symbol.for("Jupyter.display")]: hidden(() => ({ "text/plain": text(), ...forms() })),
  });
}
