package dev.kausal.engine.model;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import dev.kausal.engine.config.ConfigException;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.files.SmallFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** The JSON files of a model's folder. */
final class ModelJson {
    private ModelJson() {}

    /** Returns the fields of a file; throws if it cannot be read as JSON. */
    static ConfigFields read(Path folder, String name) {
        Path file = folder.resolve(name);
        try {
            Map<String, Object> values = new Gson()
                    .fromJson(
                            SmallFiles.text(file, SmallFiles.CONFIG),
                            new TypeToken<Map<String, Object>>() {}.getType());
            if (values == null) {
                throw new ConfigException(file, "the file is empty.", "Fetch it again.");
            }
            return ConfigFields.library(file, values);
        } catch (JsonParseException e) {
            throw new ConfigException(file, "it is not JSON (" + e.getMessage() + ").", "Fetch it again.");
        } catch (IOException e) {
            throw new ConfigException(
                    folder,
                    "there is no readable " + name + ".",
                    "A model folder needs config.json, tokenizer.json and *.safetensors.");
        }
    }
}
