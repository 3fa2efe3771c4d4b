/** CodeMirror for SQLite's SQL, in a shadow root. */
import {
  autocompletion,
  closeBrackets,
  closeCompletion,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { sql, SQLDialect, SQLite } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import {
  Compartment,
  EditorState,
  StateEffect,
  StateField,
  type Extension,
} from '@codemirror/state';
import {
  Decoration,
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder,
  type DecorationSet,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { PLACEHOLDERS } from './selection.ts';
import type { Place } from './position.ts';
import type { Schema } from './sql.svelte.ts';

export interface EditorEvents {
  readonly onchange: (text: string) => void;
  readonly onrun: () => void;
}

/** Functions that a query finds besides SQLite's own. */
const FUNCTIONS = [
  ['percentile(', 'aggregate: value, p from 0 to 100'],
  ['median(', 'aggregate'],
  ['duration(', 'ticks as text'],
  ['ns(', 'ticks as nanoseconds'],
  ['seconds(', 'ticks as exact decimal text'],
  ['clock(', 'ticks as the recorded clock'],
  ['to_hex(', 'integer as 0x...'],
  ['u64(', 'integer as unsigned text'],
] as const;

/** What a query is made of: nothing else is let through, and so nothing else is offered. */
const QUERY_WORDS =
  'select distinct all from where group by having order asc desc nulls first last limit offset as on using join left right full inner outer cross natural union intersect except with recursive materialized values and or not in is null like glob between exists case when then else end cast collate over partition window filter rows range groups unbounded preceding following current row explain query plan indexed escape isnull notnull';

const dialect = SQLDialect.define({
  ...SQLite.spec,
  keywords: QUERY_WORDS,
  types: 'integer real text blob numeric',
  builtin: '',
});

const completions = dialect.language.data.of({
  autocomplete: [
    ...FUNCTIONS.map(([label, detail]) => ({ label, detail, type: 'function' })),
    ...Object.entries(PLACEHOLDERS).map(([label, detail]) => ({ label, detail, type: 'variable' })),
  ],
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--acc)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--st-pool)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--st-copy)' },
  { tag: tags.comment, color: 'var(--tx3)', fontStyle: 'italic' },
  { tag: [tags.typeName, tags.standard(tags.name)], color: 'var(--st-gfn)' },
]);

const look = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--bg1)', color: 'var(--tx1)', fontSize: '12px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: "'JetBrains Mono Variable', ui-monospace, monospace",
    lineHeight: '18px',
  },
  '.cm-content': { caretColor: 'var(--acc)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--acc)' },
  '.cm-gutters': { backgroundColor: 'var(--bg1)', color: 'var(--tx3)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'var(--bg2)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground':
    { backgroundColor: 'var(--accbg)' },
  '.cm-placeholder': { color: 'var(--tx3)' },
  '.cm-matchingBracket': { backgroundColor: 'var(--bg3)', outline: 'none' },
  '.cm-wrong': {
    backgroundColor: 'var(--hazbg)',
    textDecoration: 'underline wavy var(--haz)',
    textUnderlineOffset: '3px',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--bg3)',
    border: '1px solid var(--line2)',
    borderRadius: '6px',
    boxShadow: 'var(--shadow)',
    color: 'var(--tx1)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: "'Inter Variable', system-ui, sans-serif",
    maxHeight: '200px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '2px 8px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accbg)',
    color: 'var(--tx1)',
  },
  '.cm-completionDetail': { color: 'var(--tx2)', fontStyle: 'normal', marginLeft: '12px' },
  '.cm-completionMatchedText': { color: 'var(--acc)', textDecoration: 'none' },
  '.cm-panels': { backgroundColor: 'var(--bg2)', color: 'var(--tx1)' },
});

const markWrong = StateEffect.define<Place | null>();
const wrong = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = transaction.docChanged ? Decoration.none : marks;
    for (const effect of transaction.effects) {
      if (!effect.is(markWrong)) continue;
      const place = effect.value;
      const end = Math.min(place?.to ?? 0, transaction.newDoc.length);
      next =
        place === null || place.from >= end
          ? Decoration.none
          : Decoration.set([Decoration.mark({ class: 'cm-wrong' }).range(place.from, end)]);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/**
 * What is typed over a selection. Left to Chromium, it would copy the look of what it replaces into an
 * inline style, which the page's policy refuses and reports.
 */
const typedOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { from, to, empty } = view.state.selection.main;
    const text = event.data;
    if (event.inputType !== 'insertText' || text === null || empty || view.composing) return false;
    const insert = () =>
      view.state.update(view.state.replaceSelection(text), { userEvent: 'input.type' });
    const handled = view.state
      .facet(EditorView.inputHandler)
      .some((handler) => handler(view, from, to, text, insert));
    if (!handled) view.dispatch(insert());
    event.preventDefault();
    return true;
  },
});

export class SqlEditor {
  readonly #view: EditorView;
  readonly #language = new Compartment();

  constructor(host: HTMLElement, text: string, events: EditorEvents) {
    const root = host.attachShadow({ mode: 'open' });
    this.#view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: text,
        extensions: [
          // Before the default keys, of which one inserts a blank line with it.
          keymap.of([
            {
              key: 'Mod-Enter',
              run: (view) => {
                closeCompletion(view);
                events.onrun();
                return true;
              },
            },
          ]),
          this.#language.of(languageOf({})),
          completions,
          typedOver,
          lineNumbers(),
          history(),
          drawSelection(),
          closeBrackets(),
          bracketMatching(),
          autocompletion({ icons: false }),
          highlightActiveLine(),
          highlightSelectionMatches(),
          syntaxHighlighting(colours),
          look,
          wrong,
          placeholder('SELECT …'),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': 'SQL', spellcheck: 'false' }),
          // Tab leaves the editor, as it leaves every other field.
          keymap.of([...completionKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) events.onchange(update.state.doc.toString());
          }),
        ],
      }),
    });
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  /** Puts another text in its place; it can be undone like what is typed. */
  write(text: string): void {
    if (text === this.text) return;
    this.#view.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text } });
  }

  insert(text: string): void {
    this.#view.dispatch(this.#view.state.replaceSelection(text));
    this.#view.focus();
  }

  mark(place: Place | null): void {
    this.#view.dispatch({ effects: markWrong.of(place) });
  }

  complete(schema: Schema): void {
    this.#view.dispatch({ effects: this.#language.reconfigure(languageOf(schema)) });
  }

  focus(): void {
    this.#view.focus();
  }

  destroy(): void {
    this.#view.destroy();
  }
}

const languageOf = (schema: Schema): Extension =>
  sql({
    dialect,
    schema: Object.fromEntries(Object.entries(schema)),
    upperCaseKeywords: true,
  });
