"""The annual report of NethOSS: births, figures of a year, editions, and the radar of hospitals that report too little."""
