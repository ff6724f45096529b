/** Says something to people who hear the page instead of seeing it. The region is `<LiveRegion>` in the frame. */
let speak: (text: string) => void = () => {}

export function announce(text: string): void {
  speak(text)
}

export function onAnnounce(listener: (text: string) => void): () => void {
  speak = listener
  return () => {
    speak = () => {}
  }
}
