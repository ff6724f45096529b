import { Button } from '@mantine/core'
import { useRef } from 'react'
import { editItem } from '../../../src/api/endpoints/answers.ts'
import { type ConversationItem, type ConversationView, getConversation } from '../../../src/api/endpoints/conversations.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { FormActs } from '../../ui/form.tsx'
import { Note } from '../../ui/note.tsx'
import { toast } from '../../ui/toasts.tsx'
import { RichText } from '../composer/rich-text.tsx'
import styles from './thread.module.css'

/** Corrects what stands here. */
export function EditDialog({
  conversation,
  item,
  onClose,
}: {
  conversation: ConversationView
  item: ConversationItem
  onClose: () => void
}) {
  const html = useRef(item.html ?? textAsHtml(item.text))
  const edit = useAction(editItem, {
    changes: [getConversation],
    onDone: () => {
      toast('good', t.conversation.saved)
      onClose()
    },
  })
  return (
    <Dialog title={t.conversation.editTitle} onClose={onClose} wide>
      <div className={styles.dialog}>
        {(item.kind === 'reply' || item.kind === 'forward') && <Note tone="calm">{t.conversation.editReply}</Note>}
        <RichText label={t.composer.text} initial={html.current} onChange={(next) => (html.current = next)} />
        <FormActs end>
          <Button
            loading={edit.isPending}
            onClick={() => edit.mutate({ params: { id: conversation.id, item_id: item.id }, body: { html: html.current } })}
          >
            {t.conversation.save}
          </Button>
        </FormActs>
      </div>
    </Dialog>
  )
}

function textAsHtml(text: string): string {
  const holder = document.createElement('p')
  holder.textContent = text
  return holder.outerHTML.replaceAll('\n', '<br>')
}
