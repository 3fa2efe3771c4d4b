/** A report as a tree that a page and a file writer can both walk. */

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'strong' | 'em' | 'strike'; readonly children: readonly Inline[] }
  | { readonly kind: 'link'; readonly href: string; readonly children: readonly Inline[] };

export interface ReportColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export type ReportBlock =
  | { readonly kind: 'heading'; readonly level: 2 | 3 | 4; readonly children: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly children: readonly Inline[] }
  | {
      readonly kind: 'list';
      readonly ordered: boolean;
      readonly items: readonly (readonly ReportBlock[])[];
    }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly ReportBlock[] }
  | { readonly kind: 'rule' }
  | {
      readonly kind: 'table';
      readonly caption: string;
      readonly columns: readonly ReportColumn[];
      readonly rows: readonly (readonly (readonly Inline[])[])[];
    }
  /** The `index`th chart of the report, drawn by whoever shows the document. */
  | { readonly kind: 'figure'; readonly index: number; readonly caption: string }
  | {
      readonly kind: 'note';
      readonly tone: 'simulated' | 'warning';
      readonly children: readonly Inline[];
    };

/** A report with all that was read for it, ready to be shown or written. */
export interface ReportDocument {
  readonly title: string;
  readonly authors: string;
  /** Specifications of the charts, in the order of their numbers. */
  readonly figures: readonly Readonly<Record<string, unknown>>[];
  /** A section each, in order. */
  readonly sections: readonly (readonly ReportBlock[])[];
  /** Method and traces, written by the lab. */
  readonly closing: readonly ReportBlock[];
}
