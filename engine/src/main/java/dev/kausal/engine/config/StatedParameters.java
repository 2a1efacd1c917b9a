package dev.kausal.engine.config;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which optional parameters a config says that the model has or lacks, each with the field that says so (empty for the
 * family itself). For the rest, the file decides.
 */
public final class StatedParameters {
    private final Map<Parameter, String> has = new EnumMap<>(Parameter.class);
    private final Map<Parameter, String> lacks = new EnumMap<>(Parameter.class);

    /** Records what {@code field} states about the parameters; replaces earlier entries. */
    void state(boolean there, String field, Parameter... parameters) {
        for (Parameter parameter : parameters) {
            (there ? lacks : has).remove(parameter);
            (there ? has : lacks).put(parameter, field);
        }
    }

    /** Returns the field that states that the model has the parameter. */
    public Optional<String> has(Parameter parameter) {
        return Optional.ofNullable(has.get(parameter));
    }

    /** Returns the field that states that the model lacks it. */
    public Optional<String> lacks(Parameter parameter) {
        return Optional.ofNullable(lacks.get(parameter));
    }
}
