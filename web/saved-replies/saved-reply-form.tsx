import { Button, NativeSelect, TextInput } from '@mantine/core'
import type { Editor } from '@tiptap/react'
import { Paperclip, Trash2 } from 'lucide-react'
import { useRef, useState } from 'react'
import type { UploadView } from '../../src/api/endpoints/answers.ts'
import { listInboxes } from '../../src/api/endpoints/inboxes.ts'
import { changeSavedReply, listSavedReplies, removeSavedReply, type SavedReply } from '../../src/api/endpoints/saved-replies.ts'
import { inTreeOrder, type SavedReplyId, within } from '../../src/helpdesk/saved-replies/saved-reply.ts'
import { VARIABLES } from '../../src/helpdesk/variables.ts'
import type { InboxId } from '../../src/lib/ids.ts'
import { FileList } from '../inbox/composer/file-list.tsx'
import { RichText } from '../inbox/composer/rich-text.tsx'
import { addressOfUpload, upload } from '../inbox/composer/uploads.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './saved-replies-page.module.css'

type Node = SavedReply & { readonly parentId: SavedReplyId | null }

interface Props {
  readonly reply: Node
  readonly all: readonly Node[]
  readonly because: string | null
  readonly onRemoved: () => void
}

/** A saved reply, or a folder, as it is changed. */
export function SavedReplyForm({ reply, all, because, onRemoved }: Props) {
  const [name, setName] = useState(reply.name)
  const [parentId, setParent] = useState(reply.parent_id)
  const [inboxId, setInbox] = useState(reply.inbox_id)
  const [uploads, setUploads] = useState<readonly UploadView[]>(reply.uploads.filter(({ id }) => !reply.html.includes(id)))
  const html = useRef(reply.html)
  const editor = useRef<Editor | null>(null)
  const picker = useRef<HTMLInputElement>(null)
  const ask = useAsk()
  const inboxes = useEndpoint(listInboxes, {}).data?.items ?? []
  const changes = { changes: [listSavedReplies] }
  const save = useAction(changeSavedReply, { ...changes, quiet: true, onDone: () => toast('good', t.savedReplies.saved) })
  const remove = useAction(removeSavedReply, { ...changes, onDone: onRemoved })
  const inside = within(all, reply.id)
  const folders = inTreeOrder(all).filter(({ entry }) => entry.is_folder && entry.id !== reply.id && !inside.includes(entry))
  async function attach(files: readonly File[], into: Editor | null) {
    for (const file of files) {
      const done = await upload(file)
      if (done && into && done.is_picture)
        into
          .chain()
          .focus()
          .setImage({ src: addressOfUpload(done.id), alt: done.filename })
          .run()
      else if (done) setUploads((known) => [...known, done])
    }
  }
  async function askRemove() {
    const body = reply.is_folder ? t.savedReplies.removeFolderBody(inside.length) : t.savedReplies.removeBody
    if (await ask({ title: t.savedReplies.removeTitle(reply.name), body, act: t.savedReplies.remove, danger: true }))
      remove.mutate({ params: { id: reply.id } })
  }
  return (
    <Form
      problem={save.error?.message ?? null}
      onSubmit={() =>
        save.mutate({
          params: { id: reply.id },
          body: {
            ...{ name, parent_id: parentId, inbox_id: inboxId },
            ...(!reply.is_folder && { html: html.current, uploads: uploads.map(({ id }) => id) }),
          },
        })
      }
    >
      <TextInput
        label={t.savedReplies.name}
        value={name}
        maxLength={200}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <div className={styles.pair}>
        <NativeSelect
          label={t.savedReplies.folder}
          value={parentId ?? ''}
          onChange={(event) => setParent((event.currentTarget.value || null) as SavedReplyId | null)}
          data={[
            { value: '', label: t.savedReplies.top },
            ...folders.map(({ entry, depth }) => ({ value: entry.id, label: `${'  '.repeat(depth)}${entry.name}` })),
          ]}
        />
        <NativeSelect
          label={t.savedReplies.inbox}
          value={inboxId ?? ''}
          onChange={(event) => setInbox((event.currentTarget.value || null) as InboxId | null)}
          data={[
            { value: '', label: t.savedReplies.everywhere },
            ...inboxes.map(({ id, name: label }) => ({ value: id, label })),
          ]}
        />
      </div>
      {!reply.is_folder && (
        <>
          <div className={styles.text}>
            <RichText
              label={t.savedReplies.text}
              initial={reply.html}
              onChange={(next) => (html.current = next)}
              onFiles={(files, into) => void attach(files, into)}
              onEditor={(made) => (editor.current = made)}
              tools={
                <>
                  <input
                    ref={picker}
                    type="file"
                    multiple
                    hidden
                    onChange={(event) => void attach([...(event.currentTarget.files ?? [])], null)}
                  />
                  <Button
                    type="button"
                    size="compact-sm"
                    variant="subtle"
                    color="gray"
                    leftSection={<Paperclip size={14} aria-hidden />}
                    onClick={() => picker.current?.click()}
                  >
                    {t.composer.attach}
                  </Button>
                </>
              }
            />
            <FileList
              uploads={uploads}
              uploading={[]}
              onRemove={(gone) => setUploads((known) => known.filter(({ id }) => id !== gone))}
            />
          </div>
          <fieldset className={styles.variables}>
            <legend>{t.savedReplies.variables}</legend>
            <p>{t.savedReplies.variablesHint}</p>
            {VARIABLES.map((variable) => (
              <Button
                key={variable}
                type="button"
                size="compact-xs"
                variant="default"
                aria-label={t.savedReplies.insert(variable)}
                onClick={() =>
                  editor.current
                    ?.chain()
                    .focus()
                    .insertContent(variable === 'contact.first_name' ? '{{ contact.first_name | there }}' : `{{ ${variable} }}`)
                    .run()
                }
              >
                {variable}
              </Button>
            ))}
          </fieldset>
        </>
      )}
      <FormActs>
        <ActButton type="submit" because={because} loading={save.isPending}>
          {t.savedReplies.save}
        </ActButton>
        <ActButton
          variant="subtle"
          color="red"
          because={because}
          leftSection={<Trash2 size={14} aria-hidden />}
          onClick={() => void askRemove()}
        >
          {t.savedReplies.remove}
        </ActButton>
      </FormActs>
    </Form>
  )
}
