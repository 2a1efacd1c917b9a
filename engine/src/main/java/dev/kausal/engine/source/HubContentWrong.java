package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A downloaded file that is not the one that the Hub described. */
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
                        + ". Nothing of it was kept. Try again; if it stays so, a proxy or mirror (HF_ENDPOINT) changes files.");
        this.file = file.name();
        this.expected = file.etag();
        this.found = found;
    }

    /** The file's name. */
    public String file() {
        return file;
    }

    /** The hash that the Hub gave. */
    public String expected() {
        return expected;
    }

    /** The hash of what came. */
    public String found() {
        return found;
    }
}
