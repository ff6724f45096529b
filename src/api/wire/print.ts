/** A conversation for paper: black on white, nothing that is fetched, nothing that can be pressed but what stays off the paper. */
import type { ItemId } from '../../lib/ids.ts'
import type { ConversationItem, ConversationView } from '../endpoints/conversations.ts'

export interface PrintWish {
  readonly notes: boolean
  /** IANA name of the reader's zone; 'UTC' where it is not known. */
  readonly zone: string
  readonly now: Date
}

/** `letters`: what each item says, as HTML that was cleaned, with its pictures in it. */
export function printed(conversation: ConversationView, letters: ReadonlyMap<ItemId, string>, wish: PrintWish): string {
  const items = conversation.items.filter(
    ({ kind, hidden_at }) => hidden_at === null && kind !== 'activity' && (wish.notes || kind !== 'note'),
  )
  const { number, inbox, requester, writer, status, assignee, tags } = conversation
  const subject = conversation.subject || '(no subject)'
  const facts = [
    ['Inbox', inbox.name],
    ['Customer', mailbox(writer ?? requester)],
    ...(writer ? [['Answers go to', requester.address]] : []),
    ['Status', conversation.label?.name ?? `${status.charAt(0).toUpperCase()}${status.slice(1)}`],
    ['Assigned to', assignee?.name ?? 'Nobody'],
    ...(tags.length > 0 ? [['Tags', tags.join(', ')]] : []),
    ['Printed', moment(wish.now, wish.zone)],
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>#${number} ${escaped(subject)}</title>
<style>${STYLE}</style>
</head>
<body>
<p class="hint">Print with Ctrl P, or Command P on a Mac. ${
    wish.notes
      ? `Notes are in it. <a href="?${search(wish, false)}">Without notes</a>`
      : `<a href="?${search(wish, true)}">With notes</a>`
  }</p>
<header class="top">
<h1 class="subject">#${number} ${escaped(subject)}</h1>
<dl class="facts">${facts.map(([name = '', value = '']) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl>
</header>
${conversation.older === null ? '' : '<p class="cut">What was said before is left out: the conversation is longer than is printed.</p>'}
${items.map((item) => article(item, letters.get(item.id) ?? null, wish.zone)).join('\n')}
</body>
</html>
`
}

function search({ zone }: PrintWish, notes: boolean): string {
  return escaped(new URLSearchParams({ zone, notes: notes ? '1' : '0' }).toString())
}

// Names of classes, never of elements alone: a letter keeps the looks it came with.
const STYLE = `
@page { margin: 16mm 14mm; }
html { color-scheme: light; background: #fff; }
body { margin: 24px auto; max-width: 760px; padding: 0 16px; color: #111; font: 14px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
.hint { margin: 0 0 20px; padding: 8px 12px; border: 1px solid #ccc; border-radius: 6px; background: #f6f6f6; font-size: 13px; }
.hint a { color: #0b5560; }
.subject { margin: 0 0 10px; font-size: 20px; line-height: 1.25; }
.facts { margin: 0 0 14px; font-size: 12px; }
.facts div { display: flex; gap: 6px; }
.facts dt { flex: none; width: 84px; color: #555; }
.facts dd { margin: 0; }
.cut { margin: 12px 0; color: #555; font-style: italic; }
.item { padding: 12px 0 14px; border-top: 1px solid #bbb; }
.item.note { padding-left: 12px; border-left: 4px double #777; }
.head { margin: 0 0 8px; font-size: 12px; color: #444; break-after: avoid; }
.who { color: #111; font-size: 14px; font-weight: 600; }
.kind { padding: 0 6px; border: 1px solid #999; border-radius: 999px; color: #333; font-size: 11px; }
.letter { position: relative; overflow: hidden; }
/* The space above its first words is the head's. */
.letter > :first-child { margin-top: 0; }
.letter > :last-child { margin-bottom: 0; }
.letter img { max-width: 100%; height: auto; break-inside: avoid; }
.letter img:not([src]) { display: inline-block; min-width: 24px; min-height: 24px; border: 1px dashed #999; }
.letter table { max-width: 100%; }
.letter pre, .text { white-space: pre-wrap; }
.text { margin: 0; font: inherit; }
.files { margin: 10px 0 0; padding: 6px 0 0; border-top: 1px dotted #bbb; font-size: 12px; list-style: none; }
.files li::before { content: "Attached: "; color: #555; }
@media print {
  .hint { display: none; }
  body { margin: 0; padding: 0; max-width: none; font-size: 11pt; }
}
`

function article(item: ConversationItem, letter: string | null, zone: string): string {
  const lists = [
    ['To', item.to],
    ['Cc', item.cc],
    ['Bcc', item.bcc],
  ] as const
  const people = lists
    .filter(([, list]) => item.kind !== 'note' && list.length > 0)
    .map(([name, list]) => `<br>${name}: ${escaped(list.map(mailbox).join(', '))}`)
    .join('')
  const files = item.files
    .filter(({ is_shown }) => !is_shown)
    .map(
      ({ filename, size_bytes, content_type }) => `<li>${escaped(filename)} (${size(size_bytes)}, ${escaped(content_type)})</li>`,
    )
    .join('')
  const said = letter === null ? `<p class="text">${escaped(item.text)}</p>` : `<div class="letter">${letter}</div>`
  return `<article class="item ${item.kind}">
<p class="head"><span class="who">${escaped(mailbox(item.author))}</span> <span class="kind">${KINDS[item.kind]}</span><br>${escaped(moment(item.created_at, zone))}${item.channel === 'phone' ? ', by telephone' : ''}${people}</p>
${said}
${files ? `<ul class="files">${files}</ul>` : ''}
</article>`
}

const KINDS: Readonly<Record<ConversationItem['kind'], string>> = {
  customer: 'Message',
  reply: 'Reply',
  note: 'Note, not sent to the customer',
  forward: 'Forward',
  activity: 'Change',
}

function mailbox({ name, address }: { readonly name: string; readonly address: string }): string {
  return name && address ? `${name} <${address}>` : name || address
}

function moment(at: Date, zone: string): string {
  const options = { dateStyle: 'full', timeStyle: 'short', timeZone: zone } as const
  return `${new Intl.DateTimeFormat('en-GB', options).format(at)} (${zone})`
}

function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
