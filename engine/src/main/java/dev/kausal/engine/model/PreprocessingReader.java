package dev.kausal.engine.model;

import dev.kausal.engine.model.Preprocessing.Centring;
import dev.kausal.engine.model.Preprocessing.Interpolation;
import dev.kausal.engine.model.Preprocessing.Resize;
import dev.kausal.engine.model.Preprocessing.Size;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@link Preprocessing} from preprocessor_config.json, or from the config of a model in timm's naming. */
final class PreprocessingReader {
    private static final double BYTE = 1 / 255.0;

    private PreprocessingReader() {}

    /** The fields of preprocessor_config.json, in older files' words too. */
    static Preprocessing huggingFace(ConfigFields f) {
        boolean crops = f.flag("do_center_crop", false);
        boolean scales = f.flag("do_rescale", true);
        boolean normalises = f.flag("do_normalize", true);
        return new Preprocessing(
                f.flag("do_resize", true) ? Optional.of(resize(f)) : Optional.empty(),
                crops ? Optional.of(size(f, "crop_size")) : Optional.empty(),
                Centring.HUGGING_FACE,
                scales ? f.positive("rescale_factor", BYTE) : 1,
                normalises ? f.numbers("image_mean", 3) : List.of(0.0, 0.0, 0.0),
                normalises ? f.numbers("image_std", 3) : List.of(1.0, 1.0, 1.0));
    }

    private static Resize resize(ConfigFields f) {
        Interpolation interpolation = interpolation(f);
        ConfigFields size = f.nested("size");
        return size.has("shortest_edge")
                ? new Resize.ShorterSide(size.count("shortest_edge"), interpolation)
                : new Resize.Stretch(size(f, "size"), interpolation);
    }

    /** Rows and columns; older files give one number for both. */
    private static Size size(ConfigFields f, String field) {
        if (f.raw(field) instanceof Map<?, ?>) {
            ConfigFields size = f.nested(field);
            return new Size(size.count("height"), size.count("width"));
        }
        int both = f.count(field);
        return new Size(both, both);
    }

    /** By the numbers that Pillow gives them. */
    private static Interpolation interpolation(ConfigFields f) {
        f.only("resample", "0 (nearest), 2 (bilinear), 3 (bicubic)", 0, 2, 3);
        return switch (f.whole("resample", 2)) {
            case 0 -> Interpolation.NEAREST;
            case 3 -> Interpolation.BICUBIC;
            default -> Interpolation.BILINEAR;
        };
    }

    /** The shorter side becomes floor(input / crop_pct), then the input's size is cropped. */
    static Preprocessing timm(ConfigFields config) {
        ConfigFields f = config.nested("pretrained_cfg");
        f.only("crop_mode", "center", "center");
        f.only("interpolation", "bilinear, bicubic", "bilinear", "bicubic");
        List<Double> input = f.numbers("input_size", 3);
        Size size = new Size(input.get(1).intValue(), input.get(2).intValue());
        if (size.rows() != size.columns()) {
            throw new UnsupportedModelException(f.where(), "input_size", input, "as many rows as columns");
        }
        boolean bicubic = f.text("interpolation").orElse("bicubic").equals("bicubic");
        Interpolation interpolation = bicubic ? Interpolation.BICUBIC : Interpolation.BILINEAR;
        int shorter = (int) Math.floor(size.rows() / f.positive("crop_pct", 0.875));
        return new Preprocessing(
                Optional.of(new Resize.ShorterSide(shorter, interpolation)),
                Optional.of(size),
                Centring.TORCHVISION,
                BYTE,
                f.numbers("mean", 3),
                f.numbers("std", 3));
    }
}
