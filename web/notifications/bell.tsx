import { ActionIcon, Button, Popover } from '@mantine/core'
import { Bell as BellIcon } from 'lucide-react'
import { useState } from 'react'
import {
  countNotifications,
  listNotifications,
  type Notification,
  readNotifications,
} from '../../src/api/endpoints/notifications.ts'
import { useMe } from '../me.ts'
import { useAction, useEndpoint, usePages } from '../query.ts'
import { AppLink } from '../shell/app-link.tsx'
import { t } from '../texts/texts.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { useKeys } from '../ui/keys.ts'
import { Ago } from '../ui/time.tsx'
import styles from './bell.module.css'

const MANY = 99

/** What one was told, a key away on every page. */
export function Bell() {
  const me = useMe()
  return me.user && me.permissions.includes('conversations.read') ? <OwnBell /> : null
}

function OwnBell() {
  const [isOpen, setOpen] = useState(false)
  const { data } = useEndpoint(countNotifications, {})
  const unread = data?.unread ?? 0
  useKeys([{ keys: 'N', label: t.bell.openKey, group: t.keys.anywhere, run: () => setOpen((open) => !open) }])
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={380} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon
          className={styles.bell ?? ''}
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t.bell.open(unread)}
          title={t.bell.open(unread)}
          aria-keyshortcuts="Shift+N"
          onClick={() => setOpen(!isOpen)}
        >
          <BellIcon size={18} aria-hidden />
          {unread > 0 && (
            <span className={styles.count} aria-hidden>
              {unread > MANY ? `${MANY}+` : unread}
            </span>
          )}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={styles.dropdown ?? ''} aria-label={t.bell.title}>
        <Told unread={unread} onLeave={() => setOpen(false)} />
      </Popover.Dropdown>
    </Popover>
  )
}

function Told({ unread, onLeave }: { unread: number; onLeave: () => void }) {
  const list = usePages(listNotifications, {}, 30)
  const read = useAction(readNotifications, { changes: [listNotifications, countNotifications] })
  return (
    <>
      <div className={styles.head}>
        <h2 className={styles.title}>{t.bell.title}</h2>
        <Button
          size="compact-sm"
          variant="subtle"
          disabled={unread === 0}
          loading={read.isPending}
          onClick={() => read.mutate({ body: {} })}
        >
          {t.bell.readAll}
        </Button>
        <AppLink href="/settings/notifications" className={styles.settings} onFollow={onLeave}>
          {t.bell.settings}
        </AppLink>
      </div>
      {!list.isPending && list.items.length === 0 && <EmptyState title={t.bell.empty} sentence={t.bell.emptyLead} />}
      <ul className={styles.list}>
        {list.items.map((one) => (
          <li key={one.id}>
            <One
              one={one}
              onFollow={() => {
                if (!one.read_at) read.mutate({ body: { ids: [one.id] } })
                onLeave()
              }}
            />
          </li>
        ))}
      </ul>
      {list.hasMore && (
        <Button variant="subtle" fullWidth loading={list.isFetchingMore} onClick={list.more}>
          {t.bell.more}
        </Button>
      )}
    </>
  )
}

function One({ one, onFollow }: { one: Notification; onFollow: () => void }) {
  const { headline, conversation, conversations, reason, preview, created_at, read_at } = one
  const isOne = conversations === 1
  const href = isOne ? `/conversations/${conversation.number}` : `/inbox/${reason === 'assigned_me' ? 'mine' : 'open'}`
  return (
    <AppLink href={href} className={styles.one} onFollow={onFollow}>
      <span className={styles.dot} data-unread={!read_at}>
        {!read_at && <span className="visually-hidden">{t.bell.unread}</span>}
      </span>
      <span className={styles.words}>
        <span className={styles.headline}>{headline}</span>
        <span className={styles.subject}>
          {isOne ? conversation.subject : t.bell.andOthers(conversation.subject, conversations - 1)}
        </span>
        {preview && <span className={styles.preview}>{preview}</span>}
        <span className={styles.when}>
          <Ago at={created_at} />
        </span>
      </span>
    </AppLink>
  )
}
