import { mergeAttributes, Node } from '@tiptap/core'

/** A colleague or a team that is named in a note. In the text it is what people read; who it is stands beside. */
export const Mention = Node.create({
  name: 'mention',
  group: 'inline',
  inline: true,
  atom: true,
  selectable: false,
  addAttributes() {
    return {
      who: {
        default: null,
        parseHTML: (element) => element.getAttribute('data-mention'),
        renderHTML: ({ who }) => ({ 'data-mention': who }),
      },
      label: { default: '', parseHTML: (element) => element.textContent?.replace(/^@/, '') ?? '', renderHTML: () => ({}) },
    }
  },
  parseHTML() {
    return [{ tag: 'span[data-mention]' }]
  },
  renderHTML({ node, HTMLAttributes }) {
    return ['span', mergeAttributes(HTMLAttributes), `@${node.attrs.label}`]
  },
  renderText({ node }) {
    return `@${node.attrs.label}`
  },
})

/** Who is named in what the editor holds. */
export function mentionsIn(html: string): { users: string[]; teams: string[] } {
  const found = [...new DOMParser().parseFromString(html, 'text/html').querySelectorAll('span[data-mention]')].map(
    (element) => element.getAttribute('data-mention') ?? '',
  )
  const of = (kind: string) => [
    ...new Set(found.filter((who) => who.startsWith(`${kind}:`)).map((who) => who.slice(kind.length + 1))),
  ]
  return { users: of('user'), teams: of('team') }
}
