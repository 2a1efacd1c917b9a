package dev.kausal.engine.config;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which of the parameters that a table makes optional a config says the model has, and which it has not; each with the field
 * that says so, an empty name standing for the family. Of the others, the file decides.
 */
public final class StatedParameters {
    private final Map<Parameter, String> has = new EnumMap<>(Parameter.class);
    private final Map<Parameter, String> lacks = new EnumMap<>(Parameter.class);

    /** Records what {@code field} determines about the parameters; replaces earlier entries. */
    void state(boolean there, String field, Parameter... parameters) {
        for (Parameter parameter : parameters) {
            (there ? lacks : has).remove(parameter);
            (there ? has : lacks).put(parameter, field);
        }
    }

    /** The field by which the model has the parameter. */
    public Optional<String> has(Parameter parameter) {
        return Optional.ofNullable(has.get(parameter));
    }

    /** The field by which the model lacks it. */
    public Optional<String> lacks(Parameter parameter) {
        return Optional.ofNullable(lacks.get(parameter));
    }
}
