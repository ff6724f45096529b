import { Button, Menu } from '@mantine/core'
import { ChevronDown, Download, Undo2, Upload } from 'lucide-react'
import { useState } from 'react'
import { exportSuppressions } from '../../src/api/endpoints/suppressions.ts'
import { hrefOf } from '../api.ts'
import { useMe } from '../me.ts'
import { t } from '../texts/texts.ts'
import { ImportSuppressions } from './import-suppressions.tsx'
import { UndoSuppressions } from './undo-suppressions.tsx'

export function ListActs() {
  const mayManage = useMe().permissions.includes('suppressions.manage')
  const [open, setOpen] = useState<'import' | 'undo' | null>(null)
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<ChevronDown size={15} aria-hidden />}>
            {t.common.more}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            component="a"
            href={hrefOf(exportSuppressions, { format: 'csv' })}
            leftSection={<Download size={15} aria-hidden />}
          >
            {t.suppressions.export}
          </Menu.Item>
          {mayManage && (
            <>
              <Menu.Item leftSection={<Upload size={15} aria-hidden />} onClick={() => setOpen('import')}>
                {t.suppressions.import}
              </Menu.Item>
              <Menu.Item leftSection={<Undo2 size={15} aria-hidden />} onClick={() => setOpen('undo')}>
                {t.suppressions.undo}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {open === 'import' && <ImportSuppressions onClose={() => setOpen(null)} />}
      {open === 'undo' && <UndoSuppressions onClose={() => setOpen(null)} />}
    </>
  )
}
