package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A downloaded file that differs from the Hub's description. */
public final class HubContentWrong extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final String expected;
    private final String found;

    HubContentWrong(HubRef ref, HubFile file, long size, String found) {
        super(
                Blame.MACHINE,
                "Expected " + file.name() + " of " + ref + " to have " + file.size() + " bytes and the "
                        + (file.isLarge() ? "SHA-256 " : "git SHA-1 ") + file.etag() + "; found " + size + " bytes and "
                        + found
                        + ". The file was discarded. Try again; if it fails again, a proxy or mirror (HF_ENDPOINT) alters files.");
        this.file = file.name();
        this.expected = file.etag();
        this.found = found;
    }

    /** Returns the file's name. */
    public String file() {
        return file;
    }

    /** Returns the hash given by the Hub. */
    public String expected() {
        return expected;
    }

    /** Returns the hash of the downloaded content. */
    public String found() {
        return found;
    }
}
