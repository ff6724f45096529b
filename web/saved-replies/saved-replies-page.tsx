import { Button, TextInput } from '@mantine/core'
import { FileText, Folder, FolderPlus, Plus, Search } from 'lucide-react'
import { useState } from 'react'
import { createSavedReply, listSavedReplies, type SavedReply } from '../../src/api/endpoints/saved-replies.ts'
import { inTreeOrder, pathOf, type SavedReplyId } from '../../src/helpdesk/saved-replies/saved-reply.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import styles from './saved-replies-page.module.css'
import { SavedReplyForm } from './saved-reply-form.tsx'

/** Texts that are used again: the tree on the left, what is chosen on the right. */
export function SavedRepliesPage() {
  const query = useEndpoint(listSavedReplies, {})
  return (
    <Page title={t.savedReplies.title} lead={t.savedReplies.lead}>
      <Loadable query={query}>{({ items }) => <Tree items={items} />}</Loadable>
    </Page>
  )
}

function Tree({ items }: { items: readonly SavedReply[] }) {
  const because = whyNot(useMe(), 'conversations.write')
  const [chosen, setChosen] = useState<SavedReplyId | null>(null)
  const [search, setSearch] = useState('')
  const nodes = items.map((reply) => ({ ...reply, parentId: reply.parent_id }))
  const selected = nodes.find(({ id }) => id === chosen) ?? null
  const parent = selected?.is_folder ? selected.id : (selected?.parent_id ?? null)
  const create = useAction(createSavedReply, { changes: [listSavedReplies], onDone: ({ id }) => setChosen(id) })
  const position = nodes.filter(({ parentId }) => parentId === parent).length
  const add = (isFolder: boolean) =>
    create.mutate({
      body: { name: isFolder ? t.savedReplies.addFolder : t.savedReplies.add, is_folder: isFolder, parent_id: parent, position },
    })
  const words = search.toLowerCase().trim()
  const shown = inTreeOrder(nodes).filter(
    ({ entry }) =>
      words === '' ||
      `${pathOf(nodes, entry)
        .map(({ name }) => name)
        .join(' ')} ${entry.name} ${entry.text}`
        .toLowerCase()
        .includes(words),
  )
  const acts = (
    <>
      <ActButton
        size="sm"
        because={because}
        loading={create.isPending}
        leftSection={<Plus size={15} aria-hidden />}
        onClick={() => add(false)}
      >
        {t.savedReplies.add}
      </ActButton>
      <ActButton
        size="sm"
        variant="default"
        because={because}
        leftSection={<FolderPlus size={15} aria-hidden />}
        onClick={() => add(true)}
      >
        {t.savedReplies.addFolder}
      </ActButton>
    </>
  )
  if (items.length === 0)
    return (
      <EmptyState
        title={t.savedReplies.emptyTitle}
        sentence={t.savedReplies.empty}
        act={<div className={styles.acts}>{acts}</div>}
      />
    )
  return (
    <div className={styles.columns}>
      <section className={styles.tree}>
        <div className={styles.acts}>{acts}</div>
        <TextInput
          size="sm"
          aria-label={t.savedReplies.search}
          placeholder={t.savedReplies.search}
          leftSection={<Search size={14} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <ul aria-label={t.savedReplies.tree} className={styles.list}>
          {shown.map(({ entry, depth }) => (
            <li key={entry.id}>
              <Button
                variant={entry.id === chosen ? 'light' : 'subtle'}
                color={entry.id === chosen ? 'petrol' : 'gray'}
                size="sm"
                fullWidth
                justify="flex-start"
                aria-pressed={entry.id === chosen}
                style={{ paddingLeft: 10 + depth * 18 }}
                leftSection={entry.is_folder ? <Folder size={15} aria-hidden /> : <FileText size={15} aria-hidden />}
                onClick={() => setChosen(entry.id)}
              >
                {entry.name}
              </Button>
            </li>
          ))}
        </ul>
      </section>
      <section className={styles.detail}>
        {selected ? (
          <SavedReplyForm key={selected.id} reply={selected} all={nodes} because={because} onRemoved={() => setChosen(null)} />
        ) : (
          <p className={styles.choose}>{t.savedReplies.choose}</p>
        )}
      </section>
    </div>
  )
}
