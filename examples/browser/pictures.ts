/**
 * Pictures on a wall: images from pixels, and their moves to new places.
 *
 * @module
 */
/// <reference lib="dom" />
import type { Garden } from "./messages.ts";

/** A picture on a wall. */
export interface Hanging {
  /** The number of the item. */
  readonly item: number;
  /** Its title. */
  readonly title: string;
  /** A remark on it; none by default. */
  readonly mark?: string | undefined;
}

/** Returns a function from items to the addresses of their pictures. A picture is painted at the first call for it. */
export function gallery({ height, width, pixels }: Garden["pictures"]): (item: number) => string {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { height, width });
  const brush = canvas.getContext("2d")!;
  const known = new Map<number, string>();
  return (item) => {
    const painted = known.get(item);
    if (painted !== undefined) return painted;
    const image = brush.createImageData(width, height);
    for (let k = 0; k < width * height; k++) {
      const from = (item * width * height + k) * 3;
      image.data.set([pixels[from], pixels[from + 1], pixels[from + 2], 255], 4 * k);
    }
    brush.putImageData(image, 0, 0);
    const address = canvas.toDataURL();
    known.set(item, address);
    return address;
  };
}

/** Shows pictures on a wall. Pictures that are there already move to their new places, and others appear. */
export function hang(wall: HTMLElement, hangings: readonly Hanging[], picture: (item: number) => string): void {
  const frames = [...wall.children] as HTMLElement[];
  const places = new Map(frames.map((frame) => [frame, frame.getBoundingClientRect()]));
  const known = new Map(frames.map((frame) => [frame.dataset.item, frame]));
  const next = hangings.map((hanging) => known.get(String(hanging.item)) ?? framed(hanging, picture(hanging.item)));
  wall.replaceChildren(...next);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const frame of next) {
    const [from, to] = [places.get(frame), frame.getBoundingClientRect()];
    const first = from
      ? { transform: `translate(${from.x - to.x}px, ${from.y - to.y}px)` }
      : { opacity: 0, transform: "scale(0.92)" };
    frame.animate([first, { opacity: 1, transform: "none" }], { duration: 450, easing: "ease-out" });
  }
}

/** Shows only empty frames on a wall. */
export function clear(wall: HTMLElement, count: number): void {
  wall.replaceChildren(...Array.from({ length: count }, () => {
    const frame = document.createElement("li");
    frame.className = "empty";
    frame.append(document.createElement("div"));
    return frame;
  }));
}

function framed({ item, title, mark }: Hanging, address: string): HTMLElement {
  const frame = document.createElement("li");
  frame.dataset.item = String(item);
  frame.title = title;
  const image = new Image();
  Object.assign(image, { src: address, alt: title });
  const caption = document.createElement("span");
  caption.textContent = title;
  frame.append(image, caption);
  if (mark) {
    frame.classList.add("marked");
    const note = document.createElement("em");
    note.textContent = mark;
    frame.append(note);
  }
  return frame;
}
