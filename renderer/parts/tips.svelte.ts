/** One tooltip for the whole window: after 300 ms under the pointer, at once on keyboard focus. */
import { createContext } from 'svelte';
import type { Attachment } from 'svelte/attachments';

export interface TipContent {
  readonly title: string;
  readonly side?: string;
  readonly lines?: readonly string[];
}

export interface TipPlace {
  readonly content: TipContent;
  /** The item that the tooltip belongs to, in client pixels. */
  readonly anchor: { left: number; top: number; right: number; bottom: number };
}

const DELAY_MS = 300;

export class Tips {
  place = $state.raw<TipPlace | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The element whose tooltip is shown or about to be. */
  #owner: HTMLElement | null = null;

  show(content: TipContent, anchor: TipPlace['anchor'], delay = DELAY_MS): void {
    clearTimeout(this.#timer);
    if (this.place !== null || delay === 0) {
      this.place = { content, anchor };
      return;
    }
    this.#timer = setTimeout(() => {
      this.place = { content, anchor };
    }, delay);
  }

  hide(): void {
    clearTimeout(this.#timer);
    this.#owner = null;
    this.place = null;
  }

  /** Gives an element a tooltip. */
  readonly on = (content: TipContent | null): Attachment<HTMLElement> => {
    return (element) => {
      if (content === null) return;
      const show = (delay: number) => {
        this.#owner = element;
        this.show(content, element.getBoundingClientRect(), delay);
      };
      // What is under the pointer says something else now.
      if (this.#owner === element && this.place !== null) queueMicrotask(() => show(0));
      const enter = () => show(DELAY_MS);
      const focus = () => {
        if (element.matches(':focus-visible')) show(0);
      };
      const leave = () => this.hide();
      // Also sent when the element is taken away while others are being drawn, which is no time to
      // change what is shown.
      const blur = () =>
        queueMicrotask(() => {
          if (this.#owner === element) this.hide();
        });
      element.addEventListener('pointerenter', enter);
      element.addEventListener('pointerleave', leave);
      element.addEventListener('pointerdown', leave);
      element.addEventListener('focus', focus);
      element.addEventListener('blur', blur);
      return () => {
        element.removeEventListener('pointerenter', enter);
        element.removeEventListener('pointerleave', leave);
        element.removeEventListener('pointerdown', leave);
        element.removeEventListener('focus', focus);
        element.removeEventListener('blur', blur);
        queueMicrotask(() => {
          if (this.#owner === element && !element.isConnected) this.hide();
        });
      };
    };
  };
}

export const [useTips, provideTips] = createContext<Tips>();
