import MarkdownIt from 'markdown-it'
import { cover } from './liquid.ts'

/** HTML in it stays text: who wants HTML writes HTML. */
const markdown = new MarkdownIt({ html: false, linkify: true, typographer: false })

/** Markdown with Liquid in it as a page of HTML with the same Liquid in it. */
export function markdownToHtml(source: string): string {
  return framed(markdownFragment(source))
}

/** The same as a piece of a page. Lines of nothing but tags stand between blocks and make none. Throws where the Liquid cannot be read. */
export function markdownFragment(source: string): string {
  const covered = cover(source)
  const { isCover, isTag } = covered
  const isOnlyTags = (text: string) => text.replace(isCover, (found) => (isTag(found) ? '' : found)).trim() === ''
  const spaced = covered.text
    .split(/\r\n|\r|\n/)
    .map((line) => (line.trim() !== '' && isOnlyTags(line) ? `\n${line.trim()}\n` : line))
    .join('\n')
  const html = markdown
    .render(spaced)
    .replace(/<p>([^<]*)<\/p>/g, (paragraph, inside: string) => (inside.trim() !== '' && isOnlyTags(inside) ? inside : paragraph))
  return covered.uncover(html)
}

/** Plain, readable, as wide as a letter: whoever wants more of a design writes HTML. */
function framed(html: string): string {
  return `<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"></head>
<body style="margin:0;padding:24px 16px;font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5"><div style="max-width:600px;margin:0 auto">
${html}</div></body></html>
`
}
