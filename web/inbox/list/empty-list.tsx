import { Button } from '@mantine/core'
import { countConversations } from '../../../src/api/endpoints/conversation-lists.ts'
import { useMe } from '../../me.ts'
import { useEndpoint } from '../../query.ts'
import { ButtonLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import styles from './inbox-frame.module.css'
import { isFiltered, type ListSearch, type Place } from './list-search.ts'

/** Why nothing is here, and what would bring something. */
export function EmptyList({ place, search, onClear }: { place: Place; search: ListSearch; onClear: () => void }) {
  const me = useMe()
  const counts = useEndpoint(countConversations, {}).data
  const words = t.inboxList
  if (place.kind === 'search') return search.q ? <EmptyState {...words.emptySearch} /> : <TeachSearch />
  if (isFiltered(search))
    return (
      <EmptyState
        {...words.emptyFiltered}
        act={
          <Button variant="default" onClick={onClear}>
            {words.clear}
          </Button>
        }
      />
    )
  if (counts?.inboxes.length === 0)
    return (
      <EmptyState
        {...words.emptyNoInbox}
        act={me.permissions.includes('inboxes.manage') && <ButtonLink href="/settings/inboxes">{words.addInbox}</ButtonLink>}
      />
    )
  if (place.kind === 'team') return <EmptyState {...words.emptyTeam} />
  return <EmptyState {...(place.kind === 'view' ? words.emptyView : words.empty[place.folder])} />
}

function TeachSearch() {
  const { title, sentence, operators } = t.inboxList.teachSearch
  return (
    <EmptyState title={title} sentence={sentence}>
      <dl className={styles.operators}>
        {operators.map(([operator, meaning]) => (
          <div key={operator}>
            <dt>{operator}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </EmptyState>
  )
}
