import { useMe, whyNot } from '../me.ts'
import { t } from '../texts/texts.ts'
import { Page } from '../ui/page.tsx'
import styles from './desk-settings.module.css'
import { FieldsPanel } from './fields-panel.tsx'
import { LabelsPanel } from './labels-panel.tsx'
import { TagsPanel } from './tags-panel.tsx'

/** What a workspace adds to its conversations, on one page in three parts. */
export function DeskSettingsPage() {
  const because = whyNot(useMe(), 'inboxes.manage')
  return (
    <Page title={t.deskSettings.title} lead={t.deskSettings.lead} shape="narrow">
      <div className={styles.parts}>
        <FieldsPanel because={because} />
        <LabelsPanel because={because} />
        <TagsPanel because={because} />
      </div>
    </Page>
  )
}
