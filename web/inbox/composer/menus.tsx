import type { Editor } from '@tiptap/react'
import type { RefObject } from 'react'
import type { UploadView } from '../../../src/api/endpoints/answers.ts'
import { listMentionable } from '../../../src/api/endpoints/presence.ts'
import { fillSavedReply, listSavedReplies } from '../../../src/api/endpoints/saved-replies.ts'
import { pathOf, type SavedReplyId } from '../../../src/helpdesk/saved-replies/saved-reply.ts'
import type { InboxId } from '../../../src/lib/ids.ts'
import { call, type ParamsOf } from '../../api.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { toast } from '../../ui/toasts.tsx'
import { Suggest, type SuggestHandle, type Suggestion } from './suggest.tsx'

interface Common {
  readonly editor: Editor
  readonly handle: RefObject<SuggestHandle | null>
}

/** `/`: texts that are used again, by name, folder or words; what is chosen comes with its variables filled in and its files. */
export function SavedReplyMenu({
  editor,
  handle,
  inboxId,
  spoken,
  onUploads,
}: Common & {
  readonly inboxId: InboxId | null
  /** What its variables are filled in from. */
  readonly spoken: Omit<ParamsOf<typeof fillSavedReply>, 'id'>
  readonly onUploads: (uploads: readonly UploadView[]) => void
}) {
  const all = useEndpoint(listSavedReplies, {}).data?.items ?? []
  const nodes = all.map((reply) => ({ ...reply, parentId: reply.parent_id }))
  const texts = nodes
    .filter(({ is_folder, inbox_id }) => !is_folder && (inbox_id === null || inbox_id === inboxId))
    .map((reply) => ({ reply, path: pathOf(nodes, reply).map(({ name }) => name) }))
  function find(query: string): Suggestion[] {
    const words = query.split(/\s+/).filter(Boolean)
    return texts
      .filter(({ reply, path }) =>
        words.every((word) => `${path.join(' ')} ${reply.name} ${reply.text}`.toLowerCase().includes(word)),
      )
      .toSorted((a, b) => rank(a.reply.name, query) - rank(b.reply.name, query))
      .map(({ reply, path }) => ({
        id: reply.id,
        title: [...path, reply.name].join(' › '),
        hint: withoutVariables(reply.text).replace(/\s+/g, ' '),
      }))
  }
  async function choose({ id }: Suggestion, range: { from: number; to: number }) {
    try {
      const { html, uploads } = await call(fillSavedReply, { params: { id: id as SavedReplyId, ...spoken } })
      editor.chain().focus().deleteRange(range).insertContent(html).run()
      if (uploads.length > 0) onUploads(uploads)
    } catch (error) {
      toast('bad', error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <Suggest
      editor={editor}
      trigger="/"
      label={t.composer.savedReplies}
      empty={t.composer.savedRepliesEmpty}
      find={find}
      onChoose={(suggestion, range) => void choose(suggestion, range)}
      handle={handle}
    />
  )
}

/** As it may read: what stands in for a variable, or dots. */
function withoutVariables(text: string): string {
  return text.replace(
    /\{\{\s{0,10}[\w.]{1,64}\s{0,10}(?:\|\s{0,10}([^{}|]{0,200}?)\s{0,10})?\}\}/g,
    (_, instead?: string) => instead ?? '…',
  )
}

/** A name that begins with it, then one that holds it, then texts that do. */
function rank(name: string, query: string): number {
  const at = name.toLowerCase().indexOf(query)
  return at === 0 ? 0 : at > 0 ? 1 : 2
}

/** `@`: who can read this inbox, and the teams. */
export function MentionMenu({ editor, handle, inboxId }: Common & { readonly inboxId: InboxId }) {
  const found = useEndpoint(listMentionable, { id: inboxId }).data?.items ?? []
  const people = found.map(
    ({ kind, id, name, email }): Suggestion => ({ id: `${kind}:${id}`, title: name, hint: email ?? t.composer.team }),
  )
  return (
    <Suggest
      editor={editor}
      trigger="@"
      label={t.composer.mentions}
      empty={t.composer.mentionsEmpty}
      find={(query) => people.filter(({ title }) => title.toLowerCase().includes(query))}
      onChoose={({ id, title }, range) =>
        editor
          .chain()
          .focus()
          .deleteRange(range)
          .insertContent([
            { type: 'mention', attrs: { who: id, label: title } },
            { type: 'text', text: ' ' },
          ])
          .run()
      }
      handle={handle}
    />
  )
}
