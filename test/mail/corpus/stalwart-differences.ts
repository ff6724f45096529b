const RAW = 'raw bytes of Windows-1252 in a header are read as such, not as errors'
const LABEL = 'a text of Windows-1252 that is called something else is read as what it is, not as errors'
const UUENCODE = 'x-uuencode is decoded: the picture is there, not its encoding'
const WORDS = 'a multipart that nothing divides is words to be read; there it is a file of no name'
const NOTHING = 'a part without headers or content is nothing; there it is an empty file of no name'
const PATH = 'a path is made a name that can be offered for a download, and no letter of it is dropped'
const UNCLOSED = 'an outer delimiter ends an inner part that was not closed; there the inner part runs on'
const PREAMBLE = 'words before the first delimiter belong to no part; the HTML after it is shown'
const FIRST = 'of two headers of one name the first counts, as everywhere; there it is the last'

/** Values of a mail that we read otherwise than the reading that came with it, and why. A difference that is not here fails the test. */
export const DIFFERENCES: Readonly<Record<string, string>> = {
  'legacy/010.eml subject': RAW,
  'legacy/010.eml to': RAW,
  'legacy/016.eml files': RAW,
  'legacy/017.eml to': RAW,
  'legacy/017.eml files': UUENCODE,
  'legacy/020.eml subject': RAW,
  'legacy/020.eml to': RAW,
  'legacy/022.eml subject': RAW,
  'legacy/022.eml to': RAW,
  'legacy/023.eml files': RAW,
  'legacy/026.eml files': RAW,
  'legacy/027.eml subject': RAW,
  'legacy/027.eml to': RAW,
  'legacy/033.eml text': LABEL,
  'legacy/035.eml files': PATH,
  'legacy/039.eml files': PATH,
  'legacy/048.eml files': UUENCODE,
  'legacy/052.eml subject': RAW,
  'legacy/052.eml to': RAW,
  'legacy/052.eml text': LABEL,
  'malformed/001.eml files': NOTHING,
  'malformed/002.eml files': WORDS,
  'malformed/003.eml files': WORDS,
  'malformed/004.eml files': WORDS,
  'malformed/006.eml files': WORDS,
  'malformed/007.eml files': NOTHING,
  'malformed/008.eml files': WORDS,
  'malformed/009.eml files': UNCLOSED,
  'malformed/011.eml files': UNCLOSED,
  'malformed/012.eml files': UNCLOSED,
  'malformed/016.eml files': WORDS,
  'malformed/017.eml files': 'a name is read where the word before it was forgotten',
  'malformed/019.eml date': FIRST,
  'malformed/020.eml text': PREAMBLE,
  'malformed/021.eml text': PREAMBLE,
  'rfc/001.eml files': PATH,
}
