/** A conversation for paper: black on white, no control, nothing that is fetched. */
import type { ConversationItem, ConversationView } from '../endpoints/conversations.ts'

export function printed(conversation: ConversationView, { notes }: { readonly notes: boolean }): string {
  const items = conversation.items.filter(
    ({ kind, hidden_at }) => hidden_at === null && kind !== 'activity' && (notes || kind !== 'note'),
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>#${conversation.number} ${escaped(conversation.subject)}</title>
<style>
html { color-scheme: light; background: #fff; }
body { margin: 24px auto; max-width: 720px; padding: 0 16px; color: #111; font: 14px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 20px; margin: 0 0 4px; }
header p, article header { color: #555; font-size: 12px; margin: 0; }
article { border-top: 1px solid #ccc; padding: 12px 0; break-inside: avoid-page; }
article.note { border-left: 3px solid #999; padding-left: 12px; }
article header b { color: #111; font-size: 14px; }
pre { white-space: pre-wrap; font: inherit; margin: 8px 0; }
ul { padding-left: 18px; font-size: 12px; }
</style>
</head>
<body>
<header>
<h1>${escaped(conversation.subject)}</h1>
<p>#${conversation.number} · ${escaped(conversation.inbox.name)} · ${escaped(conversation.requester.name)} ${escaped(conversation.requester.address)} · ${conversation.status}</p>
</header>
${items.map(article).join('\n')}
</body>
</html>
`
}

function article(item: ConversationItem): string {
  const people = [...item.to, ...item.cc].map(({ name, address }) => name || address).join(', ')
  const files = item.files.map(({ filename }) => `<li>${escaped(filename)}</li>`).join('')
  return `<article class="${item.kind}">
<header><b>${escaped(item.author.name || item.author.address)}</b> · ${item.kind}${people ? ` · to ${escaped(people)}` : ''} · ${item.created_at.toUTCString()}</header>
<pre>${escaped(item.text)}</pre>
${files ? `<ul>${files}</ul>` : ''}
</article>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
