# Seurat's label transfer on one task: Rscript seurat.R FOLDER. FOLDER holds rna.mtx, activity.mtx, peaks.mtx (features x cells),
# genes.txt, peaks.txt, labels.txt (of labelled RNA cells only) and scaled.txt (1 where RNA is z-scores); scores.csv is written there.
suppressMessages({library(Seurat); library(Matrix)})
set.seed(0)
folder <- commandArgs(trailingOnly = TRUE)[1]
here <- function(name) file.path(folder, name)
genes <- readLines(here("genes.txt")); labels <- readLines(here("labels.txt"))
table <- function(name, rows, prefix) {
  x <- as(readMM(here(name)), "CsparseMatrix")
  dimnames(x) <- list(rows, paste0(prefix, seq_len(ncol(x))))
  x
}
rna <- table("rna.mtx", genes, "rna"); activity <- table("activity.mtx", genes, "atac")
peaks <- table("peaks.mtx", paste0("peak-", seq_len(nrow(readMM(here("peaks.mtx"))))), "atac")
reference <- CreateSeuratObject(rna, min.cells = 0); target <- CreateSeuratObject(activity, assay = "ACTIVITY", min.cells = 0)
if (readLines(here("scaled.txt")) == "1") {
  reference <- SetAssayData(reference, slot = "data", rna)
  reference <- SetAssayData(reference, slot = "scale.data", as.matrix(rna))
  VariableFeatures(reference) <- genes
} else {
  reference <- ScaleData(FindVariableFeatures(NormalizeData(reference, verbose = FALSE), verbose = FALSE), verbose = FALSE)
}
target <- ScaleData(NormalizeData(target, verbose = FALSE), features = genes, verbose = FALSE)
tfidf <- t(t(peaks) / pmax(colSums(peaks), 1)); tfidf <- log1p(tfidf * (ncol(peaks) / pmax(rowSums(peaks), 1)) * 1e4)
parts <- irlba::irlba(t(tfidf), nv = 31)
lsi <- (parts$u %*% diag(parts$d))[, 2:31]; rownames(lsi) <- colnames(activity); colnames(lsi) <- paste0("LSI_", 1:30)
target[["lsi"]] <- CreateDimReducObject(lsi, key = "LSI_", assay = "ACTIVITY")
k <- min(20, ncol(rna) - 1)
anchors <- FindTransferAnchors(reference, target, features = VariableFeatures(reference), reference.assay = "RNA",
  query.assay = "ACTIVITY", reduction = "cca", dims = 1:k, k.filter = min(200, ncol(rna) - 1), verbose = FALSE)
said <- TransferData(anchors, refdata = labels, weight.reduction = target[["lsi"]], dims = 1:30,
  k.weight = min(50, nrow(anchors@anchors) - 1), verbose = FALSE)
write.csv(said, here("scores.csv"))
