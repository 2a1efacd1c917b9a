package dev.kausal.engine.config;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Defaults of the library's image processors for fields absent from preprocessor_config.json, by class, from
 * image-processors.json (written by bench/dump_image_processors.py).
 */
final class ImageProcessors {
    /** The class that rescales pixels before resizing. */
    static final String RESCALES_FIRST = "DINOv3ViTImageProcessor";

    private static final Known KNOWN = LibraryConfig.resource("image-processors.json", Known.class);

    private ImageProcessors() {}

    private record Known(String library, Map<String, String> models, Map<String, Map<String, Object>> processors) {}

    /**
     * Returns the class that a file names, in the current or an older field; else the default class of {@code
     * modelType}.
     */
    static String name(ConfigFields f, String modelType) {
        String named = f.text("image_processor_type")
                .or(() -> f.text("feature_extractor_type"))
                .or(() -> Optional.ofNullable(KNOWN.models().get(modelType)))
                .orElseThrow(() -> new ConfigException(
                        f.where(),
                        "field 'image_processor_type' is missing.",
                        "Name the library's class, such as ViTImageProcessor."));
        return named.replaceFirst("(Fast|Pil)$", "").replaceFirst("FeatureExtractor$", "ImageProcessor");
    }

    /** Returns {@code f} with the class's defaults for absent or null fields. */
    static ConfigFields completed(ConfigFields f, String name) {
        Map<String, Object> defaults = KNOWN.processors().get(name);
        if (defaults == null) {
            String known = String.join(", ", new TreeMap<>(KNOWN.processors()).keySet());
            throw new UnsupportedModelException(f.where(), "image_processor_type", name, known);
        }
        return f.withoutNulls().over(new ConfigFields(f.where(), defaults));
    }
}
