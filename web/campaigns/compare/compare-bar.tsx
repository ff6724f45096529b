import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import styles from '../campaigns.module.css'

/** More of them side by side cannot be read. */
export const COMPARED = 5

/** Those that are chosen from the list of campaigns, on their way beside each other. */
export function CompareBar({ ids, none }: { readonly ids: readonly string[]; readonly none: () => void }) {
  const navigate = useNavigate()
  return (
    <div className={styles.compare} role="toolbar" aria-label={t.compare.chosen(ids.length)}>
      <span role="status">{t.compare.chosen(ids.length)}</span>
      <ActButton
        size="compact-sm"
        because={ids.length < 2 ? t.compare.another : null}
        onClick={() => void navigate({ to: '/campaigns/compare', search: { ids: ids.join(',') } })}
      >
        {t.compare.act}
      </ActButton>
      <Button size="compact-sm" variant="subtle" onClick={none}>
        {t.compare.chooseNone}
      </Button>
    </div>
  )
}
