import { Link } from '@tanstack/react-router'
import { countMalformedAddresses } from '../../src/api/endpoints/contact-repairs.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Note } from '../ui/note.tsx'

/** Where people and their addresses are looked at: that some of them are none, and where this is mended. */
export function RepairBanner() {
  const { data } = useEndpoint(countMalformedAddresses, {})
  if (!data || data.malformed === 0) return null
  return (
    <Note tone="care" act={<Link to="/contacts/repair">{t.repair.bannerAct}</Link>}>
      {t.repair.banner(data.malformed, data.is_more)}
    </Note>
  )
}
