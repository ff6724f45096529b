import { ActionIcon, Menu } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import {
  Archive,
  AtSign,
  Bookmark,
  CircleDashed,
  Clock,
  Eye,
  Hourglass,
  Inbox,
  Layers,
  ListFilter,
  type LucideIcon,
  MoreHorizontal,
  PencilLine,
  ShieldAlert,
  Star,
  Trash2,
  User,
  Users,
} from 'lucide-react'
import { type ReactNode, useId } from 'react'
import { type ConversationCounts, countConversations, type FolderCounts } from '../../../src/api/endpoints/conversation-lists.ts'
import { deleteView, listViews, orderViews, type SavedView } from '../../../src/api/endpoints/saved-views.ts'
import { useAction, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { useAsk } from '../../ui/ask.tsx'
import { number } from '../../ui/format.ts'
import styles from './folders.module.css'
import { cleaned, FOLDERS, type Folder, type ListSearch, type Place, pathOf } from './list-search.ts'

const ICONS: Readonly<Record<Folder, LucideIcon>> = {
  unassigned: CircleDashed,
  mine: User,
  open: Inbox,
  pending: Hourglass,
  snoozed: Clock,
  drafts: PencilLine,
  starred: Star,
  followed: Eye,
  closed: Archive,
  spam: ShieldAlert,
  deleted: Trash2,
  all: Layers,
}

interface Props {
  readonly place: Place
  readonly search: ListSearch
  /** After something was chosen: closes the column where it lies over the list. */
  readonly onChoose: () => void
  readonly onEditView: (view: SavedView) => void
}

/** Folders with their numbers, inboxes, teams and views: the left column. */
export function Folders({ place, search, onChoose, onEditView }: Props) {
  const counts = useEndpoint(countConversations, {}).data
  const views = useEndpoint(listViews, {}).data?.items ?? []
  const inboxId = search.inbox
  const inScope = inboxId ? counts?.inboxes.find(({ id }) => id === inboxId) : counts?.all
  const scope = inboxId ? { inbox: inboxId } : {}
  const teams = (counts?.teams ?? []).filter(({ mine, open }) => mine || open > 0)
  const many = (counts?.inboxes.length ?? 0) > 1
  return (
    <nav className={styles.folders} aria-label={t.inboxList.folders}>
      {many && (
        <Group name={t.inboxList.inboxes}>
          <Entry
            icon={Inbox}
            name={t.inboxList.allInboxes}
            to={pathOf(place)}
            search={withInbox(search, undefined)}
            isActive={!inboxId}
            n={counts?.all.open}
            unread={counts?.unread.all.open}
            onChoose={onChoose}
          />
          {counts?.inboxes.map(({ id, name, open }) => (
            <Entry
              key={id}
              icon={AtSign}
              name={name}
              to={pathOf(place)}
              search={withInbox(search, id)}
              isActive={inboxId === id}
              n={open}
              unread={counts.unread.inboxes.find((one) => one.id === id)?.open}
              onChoose={onChoose}
            />
          ))}
        </Group>
      )}
      <Group name={t.inboxList.folders} hidden={!many}>
        {FOLDERS.map((folder) => (
          <Entry
            key={folder}
            icon={ICONS[folder]}
            name={t.inboxList.folder[folder]}
            to={folder}
            search={scope}
            isActive={place.kind === 'folder' && place.folder === folder}
            isQuiet={isQuiet(folder)}
            {...numberOf(folder, inScope, counts)}
            unread={unreadIn(folder, counts, inboxId)}
            onChoose={onChoose}
          />
        ))}
      </Group>
      {views.length > 0 && (
        <Group name={t.inboxList.views}>
          {views.map((view, index) => (
            <Entry
              key={view.id}
              icon={view.shared ? ListFilter : Bookmark}
              name={view.name}
              to={`view-${view.id}`}
              search={{}}
              isActive={place.kind === 'view' && place.id === view.id}
              {...(view.count ? { n: view.count, some: true } : {})}
              onChoose={onChoose}
              menu={view.may_change && <ViewMenu view={view} views={views} index={index} onEdit={() => onEditView(view)} />}
            />
          ))}
        </Group>
      )}
      {teams.length > 0 && (
        <Group name={t.inboxList.teams}>
          {teams.map(({ id, name, open }) => (
            <Entry
              key={id}
              icon={Users}
              name={name}
              to={`team-${id}`}
              search={scope}
              isActive={place.kind === 'team' && place.id === id}
              n={open}
              unread={counts?.unread.teams.find((one) => one.id === id)?.open}
              onChoose={onChoose}
            />
          ))}
        </Group>
      )}
    </nav>
  )
}

/** What lies there is no work that waits: its number stays out of sight. */
function isQuiet(folder: Folder): boolean {
  return folder === 'closed' || folder === 'all' || folder === 'deleted' || folder === 'spam'
}

function numberOf(
  folder: Folder,
  counts: FolderCounts | undefined,
  all: ConversationCounts | undefined,
): { n?: number; some?: boolean } {
  if (folder === 'drafts' || folder === 'starred') return all ? { n: all[folder], some: true } : {}
  if (folder === 'all' || folder === 'followed' || !counts) return {}
  return { n: counts[folder] }
}

function unreadIn(folder: Folder, counts: ConversationCounts | undefined, inboxId: string | undefined): number {
  if (folder !== 'unassigned' && folder !== 'mine' && folder !== 'open' && folder !== 'pending') return 0
  const scope = inboxId ? counts?.unread.inboxes.find(({ id }) => id === inboxId) : counts?.unread.all
  return scope?.[folder] ?? 0
}

function withInbox(search: ListSearch, inbox: string | undefined): ListSearch {
  return cleaned({ ...search, folder: undefined, inbox })
}

function Group({ name, hidden = false, children }: { name: string; hidden?: boolean; children: ReactNode }) {
  const id = useId()
  return (
    <div className={styles.group}>
      <h2 id={id} className={hidden ? 'visually-hidden' : styles.groupName}>
        {name}
      </h2>
      <ul aria-labelledby={id}>{children}</ul>
    </div>
  )
}

interface EntryProps {
  readonly icon: LucideIcon
  readonly name: string
  readonly to: string
  readonly search: ListSearch
  readonly isActive: boolean
  readonly isQuiet?: boolean
  readonly n?: number | undefined
  /** Counted up to a hundred. */
  readonly some?: boolean
  /** How many of them are new to whoever looks. */
  readonly unread?: number | undefined
  readonly menu?: ReactNode
  readonly onChoose: () => void
}

function Entry({
  icon: Icon,
  name,
  to,
  search,
  isActive,
  isQuiet = false,
  n = 0,
  some = false,
  unread = 0,
  menu,
  onChoose,
}: EntryProps) {
  return (
    <li className={styles.item} data-active={isActive} data-unread={unread > 0}>
      <Link
        to="/inbox/$folder"
        params={{ folder: to }}
        search={search}
        className={styles.link}
        activeProps={{}}
        aria-current={isActive ? 'page' : undefined}
        onClick={onChoose}
      >
        <Icon size={15} aria-hidden />
        <span className={styles.name} title={unread > 0 ? `${name}: ${t.inboxList.newToYou(unread)}` : name}>
          {name}
        </span>
        {n > 0 && (
          <span className={isQuiet ? styles.quiet : styles.count}>
            <span aria-hidden>{some ? t.inboxList.some(n) : number(n)}</span>
            <span className="visually-hidden">
              {t.inboxList.counted(n)}
              {unread > 0 && `, ${t.inboxList.newToYou(unread)}`}
            </span>
          </span>
        )}
      </Link>
      {menu}
    </li>
  )
}

function ViewMenu({
  view,
  views,
  index,
  onEdit,
}: {
  view: SavedView
  views: readonly SavedView[]
  index: number
  onEdit: () => void
}) {
  const ask = useAsk()
  const order = useAction(orderViews, { changes: [listViews] })
  const remove = useAction(deleteView, { changes: [listViews] })
  const peers = views.filter(({ shared, may_change }) => shared === view.shared && may_change)
  const at = peers.indexOf(view)
  const move = (by: number) => {
    const ids = peers.map(({ id }) => id)
    ids.splice(at + by, 0, ...ids.splice(at, 1))
    order.mutate({ body: { ids } })
  }
  async function askAndRemove() {
    const { removeAsk, removeBody, remove: act } = t.inboxList.view
    if (await ask({ title: removeAsk(view.name), body: removeBody, act, danger: true }))
      remove.mutate({ params: { id: view.id } })
  }
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon
          className={styles.menu ?? ''}
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={t.inboxList.view.menu(view.name)}
          data-index={index}
        >
          <MoreHorizontal size={14} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={onEdit}>{t.inboxList.view.edit}</Menu.Item>
        <Menu.Item disabled={at <= 0} onClick={() => move(-1)}>
          {t.inboxList.view.up}
        </Menu.Item>
        <Menu.Item disabled={at >= peers.length - 1} onClick={() => move(1)}>
          {t.inboxList.view.down}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" onClick={() => void askAndRemove()}>
          {t.inboxList.view.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
