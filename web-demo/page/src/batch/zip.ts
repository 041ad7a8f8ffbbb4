// SPDX-License-Identifier: Apache-2.0
// Files as one ZIP archive, not compressed, one file at a time so that the page stays awake.
import { Zip, ZipPassThrough } from "fflate";

export async function zip(files: AsyncIterable<{ name: string; pdf: Blob }>, onFile: (done: number) => void): Promise<Blob> {
  const chunks: Uint8Array[] = [];
  const archive = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(chunk);
  });
  let done = 0;
  for await (const { name, pdf } of files) {
    const entry = new ZipPassThrough(name);
    archive.add(entry);
    entry.push(new Uint8Array(await pdf.arrayBuffer()), true);
    onFile(++done);
  }
  archive.end();
  return new Blob(chunks as BlobPart[], { type: "application/zip" });
}
