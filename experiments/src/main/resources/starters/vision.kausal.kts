// A first experiment on a classifier of images. Run it with a folder of PNG or JPEG files:
//     ./kausal run starter.kausal.kts --model FOLDER --set pictures=/path/to/images
experiment("starter") {
    // A folder of a ViT, DeiT or DINOv2 in Hugging Face's or timm's layout. This one reads 28 x 28 digits.
    val vit = model<ImageClassifier>("embedded:digits")
    val pictures by parameter("pictures", "a folder of PNG and JPEG files")
    val seen = images(vit) { folder(pictures) }

    // Where does it look? From [CLS] to the patches, then through all layers.
    val maps by attentionMaps(seen, layers = -1..-1)
    val rolled by rollout(seen)
    val spread by attentionMeasure(seen, entropy)

    // A picture of attention is no proof: what does the prediction lose without a head? KL in nats; needs no label.
    val needed by sweep(seen, kl) { each(heads) { head -> ablate(head) } }

    report {
        heatmap(maps, "From [CLS] to patches, heads of the last layer")
        heatmap(rolled, "Rollout")
        heatmap(spread, "Entropy of attention, in nats")
        heatmap(needed, "What the prediction loses without a head")
    }
}
