/** The description that an exported figure carries: dropping the file shows its chart again. */
import { parseChartSpec, type ChartSpec } from '../../core/figures/chart/spec.ts';
import { LabError } from '../../core/contract/index.ts';

const PNG_SIGNATURE = 'PNG\r\n\x1a\n';
/** Of a file that is looked into: a figure is far smaller. */
const BYTES_MAX = 64 * 1024 * 1024;

/**
 * @param bytes of an SVG, PNG or CSV that this program has written, or of a description
 * @throws LabError BAD_CHART where there is none inside
 */
export function chartInside(bytes: Uint8Array<ArrayBuffer>, name: string): ChartSpec {
  // A letter for each byte; what a chart says in a PNG is ASCII.
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, BYTES_MAX));
  const document = text.startsWith(PNG_SIGNATURE, 1)
    ? carried(textOfPng(bytes, text))
    : ofText(new TextDecoder().decode(bytes.subarray(0, BYTES_MAX)));
  if (document === null) {
    throw new LabError(
      'BAD_CHART',
      'the file carries no chart',
      name,
      'drop an SVG, PNG or CSV that this program has exported, or a description',
    );
  }
  return parseChartSpec(document, name);
}

function ofText(text: string): unknown {
  const figure = /<metadata><figure [^>]*>([^<]*)<\/figure><\/metadata>/.exec(text)?.[1];
  if (figure !== undefined) return carried(unescapeXml(figure));
  const line = /^# chart: (.*)$/m.exec(text)?.[1];
  return json(line ?? text);
}

const carried = (text: string | null): unknown =>
  (json(text ?? '') as { readonly chart?: unknown } | null)?.chart ?? null;

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function textOfPng(bytes: Uint8Array<ArrayBuffer>, text: string): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 1 + PNG_SIGNATURE.length; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const [from, to] = [at + 8, at + 8 + length];
    const key = 'mapcopy\0';
    if (text.slice(at + 4, from) === 'tEXt' && text.startsWith(key, from)) {
      return text.slice(from + key.length, to);
    }
    at = to + 4;
  }
  return null;
}

const unescapeXml = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
