package dev.kausal.engine.features;

import java.nio.file.Path;

/** A setting of a dictionary that is missing, malformed, or asks for an unsupported computation. */
public final class DictionarySettingException extends DictionaryException {
    private static final long serialVersionUID = 1L;

    private final String field;

    /**
     * @param path the file
     * @param field name of the setting
     * @param expected supported values
     * @param found its value
     */
    public DictionarySettingException(Path path, String field, String expected, String found) {
        super(
                path,
                "Cannot use the dictionary of " + path + ": expected " + expected + " as '" + field + "', found "
                        + found + ". Use another dictionary, or convert this one.");
        this.field = field;
    }

    /** Returns the name of the setting. */
    public String field() {
        return field;
    }
}
