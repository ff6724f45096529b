/** The archive as pages and as a feed (RFC 4287). */
import type { Archive, PublicCampaign } from '../campaigns/archive/archive.ts'
import { ARCHIVE_PATH } from '../campaigns/archive/archive.ts'
import { subjectForNobody } from '../campaigns/archive/read-for-nobody.ts'
import type { Content } from '../templates/content.ts'
import type { ReadTexts } from '../templates/read.ts'
import { escaped, framed, publicPage } from './public-page.ts'

type Shown = readonly PublicCampaign[]

/** What stands above it for whoever gets the mail's HTML alone. */
export function archivedMail({ subject, html, text }: ReadTexts): string {
  if (html === null)
    return publicPage({
      title: subject,
      content: `<h1>${escaped(subject)}</h1><div class="text">${escaped(text ?? '')}</div>`,
      style: TEXT,
    })
  if (/<html[\s>]/i.test(html)) return withTitle(html, subject)
  return `<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(subject)}</title>
<style>body { margin: 0 auto; max-width: 640px; padding: 24px 16px; font: 16px/1.55 system-ui, sans-serif; overflow-wrap: anywhere } img { max-width: 100%; height: auto }</style></head>
<body>${html}</body></html>
`
}

/** A mail says its subject in its head, not in a title. */
function withTitle(html: string, subject: string): string {
  if (/<title[\s>][^<]*\S[^<]*<\/title/i.test(html)) return html
  const title = `<title>${escaped(subject)}</title>`
  const bare = html.replace(/<title[^>]*>\s*<\/title\s*>/i, '')
  return /<head[^>]*>/i.test(bare)
    ? bare.replace(/<head[^>]*>/i, (head) => `${head}${title}`)
    : bare.replace(/<html[^>]*>/i, (tag) => `${tag}<head>${title}</head>`)
}

const TEXT = '.text { white-space: pre-wrap }'
const LIST = `
ol { list-style: none; margin: 24px 0 0; padding: 0 }
li { padding: 14px 0; border-top: 1px solid var(--line) }
li a { font-weight: 600; text-decoration: none }
li a:hover, li a:focus-visible { text-decoration: underline }
li p { margin: 4px 0 0 }
time { display: block; color: var(--ink-2); font-size: .875rem }
nav { display: flex; gap: 16px; margin-top: 24px; font-size: .875rem }`

export function archivePage(archive: Archive, shown: Shown, isMore: boolean, now: Date): string {
  const { slug, title, description } = archive
  const base = `${ARCHIVE_PATH}${slug}/`
  const items = shown.map(
    (one) => `<li><time datetime="${one.startedAt.toISOString()}">${DATE.format(one.startedAt)}</time>
<a href="${base}${one.id}">${escaped(titleOf(one, now))}</a>${one.preheader && !LIQUID.test(one.preheader) ? `<p>${escaped(one.preheader)}</p>` : ''}</li>`,
  )
  return publicPage({
    title,
    style: LIST,
    head: `<link rel="alternate" type="application/atom+xml" title="${escaped(title)}" href="${base}feed.xml">\n`,
    content: `<h1>${escaped(title)}</h1>
${description ? `<p>${escaped(description)}</p>` : ''}
${items.length === 0 ? '<p>Nothing has been published here yet.</p>' : `<ol>${items.join('\n')}</ol>`}
<nav>${isMore ? `<a href="${base}?before=${shown.at(-1)?.id}">Older</a>` : ''}<a href="${base}feed.xml">Feed</a></nav>`,
  })
}

const LIQUID = /\{\{|\{%/
const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })

function titleOf({ subject, fields }: PublicCampaign, now: Date): string {
  if (!LIQUID.test(subject)) return subject
  return subjectForNobody({ name: '', content: { subject } as Content, archiveUrl: null }, fields, now)
}

export function feedOf({ slug, title, description }: Archive, shown: Shown, url: string, now: Date): string {
  const base = `${url}${ARCHIVE_PATH}${slug}/`
  const latest = shown.reduce((at, { updatedAt }) => (updatedAt > at ? updatedAt : at), new Date(0))
  const entries = shown.map(
    (one) => `  <entry>
    <id>urn:uuid:${one.id}</id>
    <title>${escaped(titleOf(one, now))}</title>
    <link href="${escaped(`${base}${one.id}`)}"/>
    <published>${one.startedAt.toISOString()}</published>
    <updated>${one.updatedAt.toISOString()}</updated>
    <summary>${escaped(LIQUID.test(one.preheader) ? '' : one.preheader)}</summary>
  </entry>`,
  )
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <id>${escaped(base)}</id>
  <title>${escaped(title)}</title>
  ${description ? `<subtitle>${escaped(description)}</subtitle>` : ''}
  <link rel="self" href="${escaped(`${base}feed.xml`)}"/>
  <link href="${escaped(base)}"/>
  <author><name>${escaped(title)}</name></author>
  <updated>${latest.toISOString()}</updated>
${entries.join('\n')}
</feed>
`.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
}

export function nothingHere(): string {
  return framed(
    'Nothing here',
    '<h1>There is nothing here</h1>\n<p>It may have been taken back, or the address is not complete.</p>',
  )
}

export function goneMail(): string {
  return framed('Cannot be shown', '<h1>This mail cannot be shown here</h1>\n<p>It says something of each person who got it.</p>')
}
