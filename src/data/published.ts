/**
 * Data sets that others publish, by name: their addresses, their digests and their conditions of use.
 *
 * The addresses of GroupLens are those of its pages (https://grouplens.org/datasets/). The digests of MovieLens are in
 * TensorFlow Datasets (`tensorflow_datasets/url_checksums/movielens.txt`), the digest of Last.FM in several public
 * repositories. The addresses of Amazon's reviews of 2014 are those of https://jmcauley.ucsd.edu/data/amazon/, which
 * publishes no digests.
 *
 * @module
 */

/** A file at an address. */
export interface PublishedFile {
  readonly url: string;
  /** The name that the file gets. */
  readonly name: string;
  /** The SHA-256 in hexadecimal digits, and the bytes; `undefined` where they are not known. */
  readonly sha256?: string | undefined;
  readonly bytes?: number | undefined;
}

/** A data set that others publish. */
export interface PublishedData {
  readonly title: string;
  /** The page of the publisher. */
  readonly page: string;
  /** The conditions of use in a sentence, and the place of their full text. */
  readonly licence: string;
  readonly files: readonly PublishedFile[];
}

const RESEARCH =
  "for research; no redistribution and no commercial use without permission of GroupLens; cite Harper and " +
  "Konstan, 2015; full text in the archive's README";

function movielens(size: string, file: Pick<PublishedFile, "sha256" | "bytes">): PublishedData {
  const name = `ml-${size.toLowerCase()}.zip`;
  return {
    title: `MovieLens ${size}`,
    page: `https://grouplens.org/datasets/movielens/${size.toLowerCase()}/`,
    licence: RESEARCH,
    files: [{ url: `https://files.grouplens.org/datasets/movielens/${name}`, name, ...file }],
  };
}

const AMAZON = "https://snap.stanford.edu/data/amazon/productGraph/categoryFiles/";

/** The data sets by name. */
export const PUBLISHED: Readonly<Record<string, PublishedData>> = {
  "movielens-100k": movielens("100K", {
    sha256: "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229",
    bytes: 4924029,
  }),
  "movielens-1m": movielens("1M", {
    sha256: "a6898adb50b9ca05aa231689da44c217cb524e7ebd39d264c56e2832f2c54e20",
    bytes: 5917549,
  }),
  "movielens-25m": movielens("25M", {
    sha256: "8b21cfb7eb1706b4ec0aac894368d90acf26ebdfb6aced3ebd4ad5bd1eb9c6aa",
    bytes: 261978986,
  }),
  "lastfm-2k": {
    title: "Last.FM 2K of HetRec 2011",
    page: "https://grouplens.org/datasets/hetrec-2011/",
    licence:
      "for non-commercial use; cite Cantador, Brusilovsky and Kuflik, HetRec 2011; full text in the archive's readme",
    files: [{
      url: "https://files.grouplens.org/datasets/hetrec2011/hetrec2011-lastfm-2k.zip",
      name: "hetrec2011-lastfm-2k.zip",
      sha256: "6738f48195667ff03caaab4d32ca9a3133d8cc026b7c3cdaf6ce1010e913c59c",
    }],
  },
  "amazon-beauty": {
    title: "Amazon reviews of 2014, Beauty, 5-core",
    page: "https://jmcauley.ucsd.edu/data/amazon/",
    licence: "for research; cite McAuley, Targett, Shi and van den Hengel, SIGIR 2015, and He and McAuley, WWW 2016",
    files: [
      { url: `${AMAZON}reviews_Beauty_5.json.gz`, name: "reviews.json.gz" },
      { url: `${AMAZON}meta_Beauty.json.gz`, name: "meta.json.gz" },
    ],
  },
};
