import { ActionIcon, Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { Download, EllipsisVertical, EyeOff, FileClock, FileSearch, MessageSquarePlus, Pencil } from 'lucide-react'
import { useState } from 'react'
import { editItem } from '../../../src/api/endpoints/answers.ts'
import {
  type ConversationItem,
  type ConversationView,
  getConversation,
  getItemSource,
} from '../../../src/api/endpoints/conversations.ts'
import { hrefOf } from '../../api.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { EditDialog } from './edit-dialog.tsx'
import { OriginalDialog, VersionsDialog } from './original-dialog.tsx'

/** What can be done with one message. */
export function ItemMenu({ conversation, item }: { conversation: ConversationView; item: ConversationItem }) {
  const [open, setOpen] = useState<'edit' | 'original' | 'versions' | null>(null)
  const navigate = useNavigate()
  const hide = useAction(editItem, { changes: [getConversation] })
  const at = { id: conversation.id, item_id: item.id }
  const mayWrite = conversation.may_write && conversation.deleted_at === null && conversation.merged_into === null
  const isOurs = item.kind !== 'customer' || item.channel === 'phone'
  return (
    <>
      <Menu position="bottom-end" width={230}>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={t.conversation.menu(item.author.name || item.author.address)}
          >
            <EllipsisVertical size={15} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayWrite && isOurs && !item.undo_until && (
            <Menu.Item leftSection={<Pencil size={14} aria-hidden />} onClick={() => setOpen('edit')}>
              {t.conversation.edit}
            </Menu.Item>
          )}
          {mayWrite && (
            <Menu.Item
              leftSection={<EyeOff size={14} aria-hidden />}
              onClick={() => hide.mutate({ params: at, body: { hidden: item.hidden_at === null } })}
            >
              {item.hidden_at === null ? t.conversation.hide : t.conversation.show}
            </Menu.Item>
          )}
          {mayWrite && (
            <Menu.Item
              leftSection={<MessageSquarePlus size={14} aria-hidden />}
              onClick={() => void navigate({ to: '/conversations/new', search: { from: conversation.number, item: item.id } })}
            >
              {t.conversation.newFrom}
            </Menu.Item>
          )}
          {item.edited_at && (
            <Menu.Item leftSection={<FileClock size={14} aria-hidden />} onClick={() => setOpen('versions')}>
              {t.conversation.versions}
            </Menu.Item>
          )}
          {item.has_original && (
            <>
              <Menu.Item leftSection={<FileSearch size={14} aria-hidden />} onClick={() => setOpen('original')}>
                {t.conversation.original}
              </Menu.Item>
              <Menu.Item
                component="a"
                href={hrefOf(getItemSource, at)}
                download={`${item.id}.eml`}
                leftSection={<Download size={14} aria-hidden />}
              >
                {t.conversation.source}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {open === 'edit' && <EditDialog conversation={conversation} item={item} onClose={() => setOpen(null)} />}
      {open === 'original' && <OriginalDialog at={at} onClose={() => setOpen(null)} />}
      {open === 'versions' && <VersionsDialog at={at} onClose={() => setOpen(null)} />}
    </>
  )
}
