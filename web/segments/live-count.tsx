import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { tryTree } from '../../src/api/endpoints/segments.ts'
import { problemOf, type Tree } from '../../src/contacts/segments/segment.ts'
import { call, type Problem } from '../api.ts'
import { keyOf } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Note } from '../ui/note.tsx'
import styles from './segments.module.css'

const SETTLES_MS = 400

interface Props {
  /** Null while a condition is not finished. */
  readonly tree: Tree | null
  readonly onWhy: (contact: { readonly id: string; readonly name: string }) => void
}

/** How many a tree means, and the newest ten of them; asked again when people stop typing. */
export function LiveCount({ tree, onWhy }: Props) {
  const wrong = tree && problemOf(tree)
  const [settled] = useDebouncedValue(tree, SETTLES_MS, { leading: true })
  const { data, error, isFetching } = useQuery({
    queryKey: keyOf(tryTree, settled),
    queryFn: ({ signal }) => call(tryTree, { body: { tree: settled as Tree } }, signal),
    enabled: settled !== null && wrong === null,
    placeholderData: keepPreviousData,
    retry: false,
  })
  if (tree === null) return <p className={styles.quiet}>{t.segments.unfinished}</p>
  if (wrong) return <Note tone="bad">{wrong}</Note>
  if (error) return <Note tone="bad">{(error as Problem).message}</Note>
  if (!data) return <p className={styles.quiet}>{t.segments.counting}</p>
  return (
    <div className={styles.stack} data-dim={isFetching || undefined}>
      <b className={styles.number} role="status">
        {t.segments.count(data.count)}
      </b>
      {data.sample.length === 0 ? (
        <p className={styles.quiet}>{t.segments.sampleNone}</p>
      ) : (
        <>
          <p className={styles.quiet}>{t.segments.sample}</p>
          <ul className={styles.people}>
            {data.sample.map(({ id, name, address }) => (
              <li key={id}>
                <Link to="/contacts/$id" params={{ id }} className={styles.person}>
                  <span>{name || address || t.contacts.unnamed}</span>
                  {name !== '' && <span className={styles.quiet}>{address}</span>}
                </Link>
                <button
                  type="button"
                  className={styles.whyButton}
                  aria-label={t.segments.whyOf(name || address)}
                  onClick={() => onWhy({ id, name: name || address })}
                >
                  {t.segments.whyShort}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
