import { Link } from '@tanstack/react-router'
import type { Id } from '../../src/lib/ids.ts'
import { t } from '../texts/texts.ts'
import { number } from '../ui/format.ts'
import { toned } from '../ui/tone.ts'
import styles from './flow-bar.module.css'
import { PART_LOOKS, type Part, type PartName, searchOf } from './look.ts'

/** Everybody in one bar. What is few is still seen. */
export function FlowBar({ parts, slim = false }: { parts: readonly Part[]; slim?: boolean }) {
  const shown = parts.filter(({ n }) => n > 0)
  const total = shown.reduce((sum, { n }) => sum + n, 0)
  const says = shown.map(({ name, n }) => `${t.campaigns.parts[name]} ${number(n)}`).join(', ')
  return (
    <div className={slim ? styles.slim : styles.bar} role="img" aria-label={`${t.campaigns.barLabel(total)}: ${says}`}>
      {shown.map(({ name, n }) => (
        <span
          key={name}
          className={styles.part}
          data-fill={PART_LOOKS[name].fill}
          style={{ flexGrow: n }}
          title={`${t.campaigns.parts[name]}: ${number(n)}`}
          {...toned(PART_LOOKS[name].tone)}
        />
      ))}
    </div>
  )
}

/** The same in numbers; each leads to the list of those who are there. */
export function FlowLegend({ id, parts }: { id: Id<'campaign'>; parts: readonly Part[] }) {
  return (
    <ul className={styles.legend}>
      {parts
        .filter(({ n }) => n > 0)
        .map(({ name, n }) => (
          <li key={name}>
            <Entry id={id} name={name} n={n} />
          </li>
        ))}
    </ul>
  )
}

function Entry({ id, name, n }: { id: Id<'campaign'>; name: PartName; n: number }) {
  const search = searchOf(name)
  const says = (
    <>
      <span className={styles.key} data-fill={PART_LOOKS[name].fill} {...toned(PART_LOOKS[name].tone)} aria-hidden />
      <span className={styles.n}>{number(n)}</span> <span className={styles.name}>{t.campaigns.parts[name]}</span>
    </>
  )
  if (!search) return <span className={styles.entry}>{says}</span>
  return (
    <Link to="/campaigns/$id" params={{ id }} search={{ tab: 'recipients', ...search }} className={styles.entry ?? ''}>
      {says}
    </Link>
  )
}
