import { MAGIC_RECIPIENTS } from '../../src/delivery/sandbox/magic.ts'
import { NothingKept } from '../parts/pictures.tsx'
import { ButtonLink } from '../shell/app-link.tsx'
import { t } from '../texts/texts.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import styles from './sandbox-page.module.css'

/** Teaches what the sandbox is for, and which addresses behave in it. */
export function EmptySandbox() {
  return (
    <EmptyState
      picture={<NothingKept />}
      title={t.sandbox.emptyTitle}
      sentence={t.sandbox.empty}
      act={<ButtonLink href="/developers">{t.sandbox.emptyAct}</ButtonLink>}
    >
      <section className={styles.magic} aria-label={t.sandbox.magic}>
        <h3>{t.sandbox.magic}</h3>
        <p>{t.sandbox.magicLead}</p>
        <ul>
          {MAGIC_RECIPIENTS.map(({ name, does }) => (
            <li key={name}>
              <code>{name}@example.com</code>
              <span>{does}</span>
            </li>
          ))}
        </ul>
      </section>
    </EmptyState>
  )
}
