/**
 * Blocks as HTML that mail programs draw alike: tables for lay-out and styles in the elements, since Outlook reads little else; a style sheet only for
 * what can be missed: narrow screens and the dark. Each block is a row of its own, and nothing that is typed into one leaves it.
 */
import type { Problem } from '../content.ts'
import { escapeHtml } from '../escape.ts'
import { explain, parseLiquid } from '../liquid.ts'
import { markdownFragment } from '../markdown.ts'
import type { Alignment, Block, BlockDocument, Columns, Leaf, Look } from './block.ts'
import { countBlocks, MAX_BLOCKS } from './block.ts'
import { inkOn, luminance, mixed, readableOn } from './colours.ts'
import { ownHtml, plainHtml, type RichStyle, richHtml, urlAttribute } from './rich.ts'

export type BlocksMade =
  | { readonly ok: true; readonly html: string }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const FONT_STACKS: Readonly<Record<Look['font'], string>> = {
  sans: "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif",
  serif: "Georgia,'Times New Roman',serif",
  mono: "'SFMono-Regular',Consolas,'Liberation Mono',Menlo,monospace",
}
const PADDING = 32

export function compileBlocks({ look, blocks }: BlockDocument): BlocksMade {
  if (countBlocks(blocks) > MAX_BLOCKS)
    return { ok: false, problems: [{ where: 'blocks', line: null, sentence: `A mail has at most ${MAX_BLOCKS} blocks.` }] }
  const theme = themeOf(look)
  const problems: Problem[] = []
  const rows = blocks.map((block, i) => {
    try {
      return rowOf(block, theme)
    } catch (error) {
      const sentence = error instanceof BlockFault ? error.message : explain(error).sentence
      problems.push({ where: 'blocks', line: i + 1, sentence })
      return ''
    }
  })
  return problems.length > 0 ? { ok: false, problems } : { ok: true, html: framed(rows.join('\n'), look, theme) }
}

interface Theme {
  readonly look: Look
  readonly ink: string
  readonly quiet: string
  readonly line: string
  readonly link: string
  readonly font: string
  readonly rich: RichStyle
}

function themeOf(look: Look): Theme {
  const font = FONT_STACKS[look.font]
  const ink = readableOn(look.surface, look.ink)
  const link = readableOn(look.surface, look.accent)
  const text = `font-family:${font};font-size:16px;line-height:1.6;color:${ink}`
  const rich = {
    paragraph: `margin:0 0 14px;${text}`,
    list: `margin:0 0 14px;padding:0 0 0 24px;${text}`,
    item: `margin:0 0 6px;${text}`,
    link: `color:${link};text-decoration:underline`,
    code: `font-family:${FONT_STACKS.mono};font-size:14px`,
    heading: `margin:12px 0 6px;font-family:${font};line-height:1.25;font-weight:700`,
  }
  return {
    look,
    ink,
    link,
    font,
    rich,
    quiet: readableOn(look.surface, mixed(ink, look.surface, 0.35)),
    line: mixed(look.surface, ink, 0.15),
  }
}

function rowOf(block: Block, theme: Theme): string {
  const inside = block.type === 'columns' ? columnsHtml(block, theme) : leafHtml(block, theme, theme.look.width - 2 * PADDING)
  return `<tr><td class="wb-cell" style="padding:${paddingOf(block)}">${inside}</td></tr>`
}

function paddingOf({ type }: Block): string {
  return type === 'spacer' ? '0' : type === 'divider' ? `12px ${PADDING}px` : `8px ${PADDING}px`
}

/** Looked at alone, so that what is begun in a block and not ended is that block's fault. What is drawn only for some stands in one block of HTML. */
function whole(source: string): string {
  const parsed = parseLiquid(source, 'plain')
  if (!parsed.ok) throw new BlockFault(parsed.sentence)
  return source
}

class BlockFault extends Error {}

function leafHtml(block: Leaf, theme: Theme, room: number): string {
  const { ink, font, rich, quiet, line, look } = theme
  switch (block.type) {
    case 'heading': {
      const size = { 1: 28, 2: 22, 3: 18 }[block.level]
      const style = `margin:12px 0 4px;font-family:${font};font-size:${size}px;line-height:1.25;font-weight:700;color:${ink};text-align:${block.align}`
      return `<h${block.level} class="wb-ink" style="${style}">${richHtml(whole(block.text), rich, { inline: true })}</h${block.level}>`
    }
    case 'text':
      return `<div class="wb-ink" style="text-align:${block.align};${rich.paragraph.replace(/^margin[^;]*;/, '')}">${richHtml(whole(block.html), rich)}</div>`
    case 'list': {
      const tag = block.ordered ? 'ol' : 'ul'
      const items = block.items.map(
        (item) => `<li class="wb-ink" style="${rich.item}">${richHtml(whole(item), rich, { inline: true })}</li>`,
      )
      return `<${tag} class="wb-ink" style="${rich.list}">${items.join('')}</${tag}>`
    }
    case 'image':
      return imageHtml(block, room)
    case 'button':
      return buttonHtml(block, theme)
    case 'quote': {
      const by =
        block.by.trim() === ''
          ? ''
          : `<p class="wb-quiet" style="margin:0;font-family:${font};font-size:14px;color:${quiet}">${plainHtml(whole(block.by))}</p>`
      return `<blockquote style="margin:8px 0;padding:2px 0 2px 18px;border-left:3px solid ${look.accent}"><div class="wb-ink" style="font-style:italic">${richHtml(whole(block.html), rich)}</div>${by}</blockquote>`
    }
    case 'divider':
      return table(`<tr><td class="wb-line" style="border-top:1px solid ${line};font-size:0;line-height:0">&nbsp;</td></tr>`)
    case 'spacer':
      return `<div style="height:${block.height}px;line-height:${block.height}px;font-size:1px" aria-hidden="true">&#8202;</div>`
    case 'social': {
      const links = block.links.map(
        ({ kind, url }) =>
          `<a class="wb-link" href="${urlAttribute(whole(url))}" style="${rich.link};white-space:nowrap">${SOCIAL_NAMES[kind]}</a>`,
      )
      return `<p class="wb-quiet" style="margin:4px 0;font-family:${font};font-size:14px;line-height:1.8;color:${quiet};text-align:${block.align}">${links.join(' &nbsp;&middot;&nbsp; ')}</p>`
    }
    case 'html':
      // A table of its own: cells and rows that stand in it without one belong to this one, not to ours.
      return table(`<tr><td class="wb-ink wb-own" style="${rich.paragraph}">${ownHtml(whole(block.html))}</td></tr>`)
    case 'slot':
      return `<div class="wb-ink" style="${rich.paragraph.replace(/^margin[^;]*;/, '')}">${richHtml(markdownFragment(whole(block.text)), rich)}</div>`
  }
}

const SOCIAL_NAMES = {
  website: 'Website',
  email: 'Email',
  mastodon: 'Mastodon',
  bluesky: 'Bluesky',
  linkedin: 'LinkedIn',
  instagram: 'Instagram',
  facebook: 'Facebook',
  youtube: 'YouTube',
  x: 'X',
  github: 'GitHub',
} as const

function imageHtml({ url, alt, link, width, align }: Extract<Leaf, { type: 'image' }>, room: number): string {
  const shown = Math.min(width ?? room, room)
  // Outlook reads the attribute, others the style.
  const image = `<img src="${urlAttribute(whole(url))}" alt="${plainHtml(whole(alt))}" width="${shown}" style="display:block;width:100%;max-width:${shown}px;height:auto;border:0;margin:${MARGINS[align]}">`
  return link.trim() === ''
    ? image
    : `<a href="${urlAttribute(whole(link))}" style="display:block;text-decoration:none">${image}</a>`
}

const MARGINS: Readonly<Record<Alignment, string>> = { left: '0 auto 0 0', center: '0 auto', right: '0 0 0 auto' }

/** The cell has the colour, so that the button is one where padding of links is not known. */
function buttonHtml({ label, url, align }: Extract<Leaf, { type: 'button' }>, { look, font }: Theme): string {
  const ink = inkOn(look.accent)
  const cell = `<td class="wb-button" align="center" bgcolor="${look.accent}" style="background:${look.accent};border-radius:6px;mso-padding-alt:12px 24px"><a href="${urlAttribute(whole(url))}" style="display:inline-block;padding:12px 24px;font-family:${font};font-size:16px;line-height:1.25;font-weight:600;color:${ink};text-decoration:none">${plainHtml(whole(label))}</a></td>`
  return `<table role="presentation" cellpadding="0" cellspacing="0" border="0" align="${align}" style="margin:${align === 'center' ? '8px auto' : '8px 0'}"><tr>${cell}</tr></table>`
}

const GUTTER = 24

function columnsHtml({ columns }: Columns, theme: Theme): string {
  const room = theme.look.width - 2 * PADDING
  const width = Math.floor((room - GUTTER * (columns.length - 1)) / Math.max(1, columns.length))
  const cells = columns.map((column, i) => {
    const inside = column.map(
      (leaf) => `<tr><td style="padding:${leaf.type === 'spacer' ? '0' : '4px 0'}">${leafHtml(leaf, theme, width)}</td></tr>`,
    )
    const gutter = i === 0 ? '' : `<td class="wb-gutter" width="${GUTTER}" style="width:${GUTTER}px;font-size:0">&nbsp;</td>`
    return `${gutter}<td class="wb-column" width="${width}" valign="top" style="width:${width}px;vertical-align:top">${table(inside.join(''))}</td>`
  })
  return table(`<tr>${cells.join('')}</tr>`)
}

function table(rows: string): string {
  return `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse">${rows}</table>`
}

/** Whoever chose a dark look has it at all times; else the dark one is made of the light one's colours. */
function framed(rows: string, { background, surface, accent, width }: Look, { ink, link, font }: Theme): string {
  const isDark = luminance(surface) < 0.3
  const dark = {
    background: '#101615',
    surface: '#18201e',
    ink: '#e6ebe8',
    quiet: '#aab5b0',
    line: '#33403c',
    link: readableOn('#18201e', accent),
  }
  const inDark = (before: string) =>
    [
      `${before}.wb-page{background:${dark.background}!important}`,
      `${before}.wb-card{background:${dark.surface}!important}`,
      `${before}.wb-ink,${before}.wb-ink p,${before}.wb-ink li,${before}.wb-ink ul,${before}.wb-ink ol{color:${dark.ink}!important}`,
      `${before}.wb-quiet{color:${dark.quiet}!important}`,
      `${before}.wb-link,${before}.wb-own a{color:${dark.link}!important}`,
      `${before}.wb-line{border-color:${dark.line}!important}`,
    ].join('')
  return `<!doctype html>
<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="${isDark ? 'dark' : 'light dark'}">
<meta name="supported-color-schemes" content="${isDark ? 'dark' : 'light dark'}">
<!--[if mso]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><![endif]-->
<style>
:root{color-scheme:${isDark ? 'dark' : 'light dark'}}
body{margin:0;padding:0;-webkit-text-size-adjust:100%}
.wb-own a{color:${link}}
@media (max-width:${width + 40}px){.wb-outer{padding:0!important}.wb-cell{padding-left:20px!important;padding-right:20px!important}.wb-column{display:block!important;width:100%!important}.wb-gutter{display:none!important}.wb-card{border-radius:0!important}}
${isDark ? '' : `@media (prefers-color-scheme:dark){${inDark('')}}\n${inDark('[data-ogsc] ')}`}
</style>
</head>
<body class="wb-page" style="margin:0;padding:0;background:${escapeHtml(background)};color:${ink};font-family:${font}">
<table role="presentation" class="wb-page" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="${background}" style="background:${background}"><tr><td class="wb-outer" align="center" style="padding:24px 12px">
<!--[if mso]><table role="presentation" width="${width}" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->
<table role="presentation" class="wb-card" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="${surface}" style="width:100%;max-width:${width}px;background:${surface};border-radius:10px">
<tr><td style="height:24px;line-height:24px;font-size:1px">&#8202;</td></tr>
${rows}
<tr><td style="height:28px;line-height:28px;font-size:1px">&#8202;</td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr></table>
</body>
</html>
`
}
